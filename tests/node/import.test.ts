// The package can be imported in Node (for server-side rendering): that has no side effects and needs no browser.
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const cases = [
  ['the client', 'www/client/index.ts', 'openPhoto'],
  ['the element', 'www/element/define.ts', 'TrueCrop'],
  ['the uploads', 'www/upload/index.ts', 'upload'],
] as const

const dist = new URL('../../dist/', import.meta.url)

/** What the build makes of the modules. */
const external = [
  ...['truecrop', 'truecrop_all', 'truecrop_jpeg', 'truecrop_heic'].map((name) => `*/wasm/${name}.js`),
  ...['worker', 'full', 'all', 'jpeg', 'heic'].map((name) => `*/inline/data/${name}.js`),
]

test.each(cases)('%s can be imported in plain Node', async (_, entry, name) => {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    external,
  })
  const code = outputFiles[0]?.text ?? ''
  // The process must end by itself: a timer or a worker that is left running would keep it alive.
  const script = `const before = Object.keys(globalThis).length
    const module = await import('data:text/javascript;base64,${Buffer.from(code).toString('base64')}')
    console.log(typeof module['${name}'], Object.keys(globalThis).length - before)`
  // On standard input: an argument must not be longer than 128 KiB.
  const options = { encoding: 'utf8', input: script, timeout: 20_000 } as const
  const said = execFileSync(process.execPath, ['--input-type=module', '-'], options)
  expect(said.trim()).toBe('function 0')
})

test('the addresses of worker and wasm are literals that bundlers find', () => {
  const built = readdirSync(dist).filter((name) => name.endsWith('.js'))
  const text = built.map((name) => readFileSync(new URL(name, dist), 'utf8')).join('\n')
  expect(text).toContain('new Worker(new URL("./worker.js",import.meta.url),{type:"module"})')
  for (const name of ['truecrop_bg.wasm', 'truecrop_jpeg_bg.wasm', 'truecrop_all_bg.wasm', 'truecrop_heic_bg.wasm']) {
    expect(text.split(`new URL("./wasm/${name}",import.meta.url)`), name).toHaveLength(3)
  }
  expect(text).toContain('new URL("./node-thread.js",import.meta.url)')
  // Any other address, such as one in bundled glue, would be a file that is not there.
  expect(text.split('import.meta.url)')).toHaveLength(1 + 1 + 1 + 2 * 4)
})

test('in Node a photo cannot be opened, and the error says what to use', async () => {
  const { openPhoto, TruecropError } = await import('../../dist/index.js')
  const refused = await openPhoto(new Blob(['x'])).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(TruecropError)
  expect(refused).toMatchObject({ code: 'engine-unavailable', message: expect.stringContaining('truecrop/core') })
})

const builtText = (name: string): string => readFileSync(new URL(name, dist), 'utf8')

/** A built file and what it imports before it runs. */
function withImports(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found
  found.add(name)
  for (const [, other] of builtText(name).matchAll(/(?:from|import)"\.\/([^"]+)"/g)) withImports(other ?? '', found)
  return found
}

test('the element and the worker, as a page loads them, are at most 24 KB of brotli', () => {
  const files = [...withImports('element.js'), 'worker.js']
  expect(files.length).toBeGreaterThan(2)
  const bytes = files.reduce((sum, name) => sum + brotliCompressSync(builtText(name)).length, 0)
  expect(bytes).toBeLessThanOrEqual(24 * 1024)
})

test('frameworks that render on a server are told that the element belongs to the browser', () => {
  for (const name of ['element.js', 'true-crop.js', 'inline/element.js', 'inline/true-crop.js']) {
    expect(builtText(name), name).toMatch(/^"use client";/)
  }
})

test('the client is in one file, whichever entries are imported', () => {
  const [client, element, core] = ['index.js', 'element.js', 'core.js'].map((name) => withImports(name))
  for (const [file, text] of [
    ['the client', 'new Worker('],
    ['the error', 'this.name="TruecropError"'],
  ] as const) {
    const holders = readdirSync(dist).filter((name) => name.endsWith('.js') && builtText(name).includes(text))
    expect(
      holders.filter((name) => name !== 'worker.js' && name !== 'node-thread.js'),
      file,
    ).toHaveLength(1)
  }
  expect([...(element ?? [])].some((name) => client?.has(name))).toBe(true)
  expect([...(core ?? [])].some((name) => client?.has(name))).toBe(true)
})
