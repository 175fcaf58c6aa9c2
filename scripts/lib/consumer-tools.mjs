// Tools that applications run over the package without a page: unit tests in simulated browsers, and TypeScript's versions. Each must end well.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const REACT = { react: '19.2.0', 'react-dom': '19.2.0' }

const vitest = (environment, version) => ({
  name: `vitest-${environment}`,
  title: `Vitest 4, ${environment}`,
  tools: { vitest: '4.1.12', [environment]: version, ...REACT },
  files: ['unit/element.test.mjs'],
  build: [['vitest', 'run', '--globals', '--environment', environment]],
  onlyBuilt: true,
})

/** The types that the stage `packages` compiles by the repository's own version. */
const typescript = (version, { node10 = true } = {}) => ({
  name: `typescript-${version}`,
  title: `TypeScript ${version}`,
  tools: { typescript: version },
  files: ['../npm/types.ts', '../npm/types.cts', '../npm/tsconfig.json', '../npm/tsconfig.node10.json'],
  prepare(project) {
    writeFileSync(join(project, 'tsconfig.bundler.json'), JSON.stringify(BUNDLER))
    // 5.7 knows nothing of `require` of modules of ES.
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  },
  build: ['tsconfig.json', 'tsconfig.bundler.json', ...(node10 ? ['tsconfig.node10.json'] : [])].map((config) => [
    'tsc',
    '-p',
    config,
  ]),
  onlyBuilt: true,
})

const BUNDLER = {
  extends: './tsconfig.json',
  compilerOptions: { module: 'ESNext', moduleResolution: 'bundler' },
  files: ['types.ts'],
}

const JEST = { testEnvironment: 'jsdom', transform: {}, testMatch: ['**/*.test.mjs'] }

export const TOOLS = [
  vitest('jsdom', '26.1.0'),
  vitest('happy-dom', '21.0.4'),
  {
    name: 'jest',
    title: 'Jest 30, modules of ES',
    tools: { jest: '30.5.2', 'jest-environment-jsdom': '30.5.2', ...REACT },
    files: ['unit/element.test.mjs'],
    env: { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
    prepare: (project) => writeFileSync(join(project, 'jest.config.json'), JSON.stringify(JEST)),
    build: [['jest', '--config', 'jest.config.json']],
    onlyBuilt: true,
  },
  typescript('5.7.3'),
  typescript('5.8.3'),
  typescript('6.0.3', { node10: false }),
  typescript('7.0.2', { node10: false }),
]
