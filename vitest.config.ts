import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['www/**/*.test.ts', 'tests/node/**/*.test.ts', 'tests/structure/*.test.ts', 'scripts/**/*.test.mjs'],
    passWithNoTests: false,
  },
})
