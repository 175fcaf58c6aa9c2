// What a page loads before the wasm module: the element and its worker.
import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'

test('the element and the worker together have at most 24 KiB of brotli', () => {
  const sizes = ['element.js', 'worker.js'].map((name) => {
    const file = readFileSync(new URL(`../../dist/${name}`, import.meta.url))
    return brotliCompressSync(file).length
  })
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(24 * 1024)
})

test('bundlers find the worker: its address is written as they look for it', () => {
  const element = readFileSync(new URL('../../dist/true-crop.js', import.meta.url), 'utf8')
  expect(element).toMatch(
    /new Worker\(new URL\(["']\.\/worker\.js["'],\s*import\.meta\.url\),\s*\{\s*type:\s*["']module["']\s*\}\)/,
  )
})
