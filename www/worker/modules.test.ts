// Tests of which wasm module is loaded for which file.
import { expect, test } from 'vitest'
import type { Engine } from './engine.js'
import { type ModuleKind, Modules } from './modules.js'

const bytes = (text: string): Blob => new Blob([Uint8Array.from(text, (c) => c.charCodeAt(0))])

/** A loader that records what was loaded, in order, and from where. */
type Addresses = { wasmUrl?: string; jpegWasmUrl?: string; allWasmUrl?: string }

function recording(boot: Addresses = {}): { modules: Modules; loaded: string[] } {
  const loaded: string[] = []
  const load = async (kind: ModuleKind, url: URL): Promise<Engine> => {
    loaded.push(`${kind} ${url.pathname.split('/').pop()}`)
    return { Session: { fromBlob: () => Promise.reject(new Error('not used')) as never }, memory: () => 1000 }
  }
  return { modules: new Modules({ type: 'boot', ...boot }, load), loaded }
}

const SMALL = 'jpeg truecrop_jpeg_bg.wasm'
const FULL = 'full truecrop_bg.wasm'
const ALL = 'all truecrop_all_bg.wasm'

const files: [string, string, string][] = [
  ['a JPEG', '\xff\xd8\xff\xe0', SMALL],
  ['a PNG', '\x89PNG\r\n\x1a\n', FULL],
  ['a GIF', 'GIF89a', FULL],
  ['a WebP', 'RIFF\x0a\x0d\0\0WEBPVP8 ', FULL],
  ['a sound in RIFF', 'RIFF\0\0\0\0WAVEfmt ', SMALL],
  ['a HEIC, which the JPEG module names in its error', '\0\0\0\x18ftypheic', SMALL],
  ['a TIFF', 'II*\0\x08\0\0\0', ALL],
  ['a TIFF of the other byte order', 'MM\0*\0\0\0\x08', ALL],
  ['a BMP', 'BM\x36\0', ALL],
  ['an icon', '\0\0\x01\0\x01\0', ALL],
  ['a QOI', 'qoif\0\0\0\x01', ALL],
  ['a PPM', 'P6\n# made\n3 2\n255\n', ALL],
  ['a PAM', 'P7\nWIDTH 3\n', ALL],
  ['a TGA', '\0\0\x0a\0\0\0\0\0\0\0\0\0\x28\0\x1e\0\x18\x20', ALL],
  ['a TGA with a palette', '\0\x01\x01\0\0\0\x01\x18\0\0\0\0\x28\0\x1e\0\x08\x20', ALL],
  ['a text', 'P1 is a road', SMALL],
  ['an empty file', '', SMALL],
]

test.each(files)('%s loads only its module', async (_, start, want) => {
  const { modules, loaded } = recording()
  await modules.forFile(bytes(start))
  expect(loaded).toEqual([want])
})

const boots: [string, Addresses, string][] = [
  ['one address is used for everything', { wasmUrl: 'https://cdn.example/all.wasm' }, 'full all.wasm'],
  [
    'two addresses are used for one module each',
    { wasmUrl: 'https://cdn.example/all.wasm', jpegWasmUrl: 'https://cdn.example/small.wasm' },
    'jpeg small.wasm',
  ],
]

test.each(boots)('%s', async (_, boot, want) => {
  Object.assign(globalThis, { self: { location: { href: 'https://site.example/worker.js' } } })
  const { modules, loaded } = recording(boot)
  await modules.forFile(bytes('\xff\xd8\xff\xe0'))
  expect(loaded).toEqual([want])
})

test('a rare format goes to the module that there is', async () => {
  Object.assign(globalThis, { self: { location: { href: 'https://site.example/worker.js' } } })
  const [wasmUrl, allWasmUrl] = ['https://cdn.example/web.wasm', 'https://cdn.example/rare.wasm']
  for (const [boot, want] of [
    [{ wasmUrl }, 'full web.wasm'],
    [{ wasmUrl, allWasmUrl }, 'all rare.wasm'],
  ] as const) {
    const { modules, loaded } = recording(boot)
    await modules.forFile(bytes('qoif'))
    expect(loaded).toEqual([want])
  }
})

test('the module with all formats does for the others too', async () => {
  const { modules, loaded } = recording()
  for (const start of ['BM', '\xff\xd8\xff', 'GIF89a']) await modules.forFile(bytes(start))
  await modules.forOutputs()
  expect(loaded).toEqual([ALL])
})

test('each is loaded once, and a JPEG uses the full module when that is already loaded', async () => {
  const { modules, loaded } = recording()
  await Promise.all([modules.forFile(bytes('\xff\xd8\xff')), modules.forFile(bytes('\xff\xd8\xff'))])
  await modules.forFile(bytes('GIF89a'))
  await modules.forFile(bytes('\xff\xd8\xff'))
  expect(loaded).toEqual([SMALL, FULL])
  expect(await modules.memory()).toBe(2000)
})
