// Tests of which wasm module is loaded for which file.
import { expect, test } from 'vitest'
import type { BootMessage, ModuleKind } from '../protocol.js'
import { type Engine, EngineUnavailable } from '../engine/load.js'
import { type AskPage, Modules } from './modules.js'

const bytes = (text: string): Blob => new Blob([Uint8Array.from(text, (c) => c.charCodeAt(0))])

/** A loader that records what was loaded, in order, and from where. */
type Addresses = Pick<BootMessage, 'wasmUrl' | 'jpegWasmUrl' | 'allWasmUrl' | 'heicWasmUrl' | 'decoders'>

/** `failing` says, for each load, whether it fails. */
function recording(
  boot: Addresses & { inline?: boolean } = {},
  { failing = () => false, askPage = () => Promise.reject(new Error('no copy')) }: Options = {},
): { modules: Modules; loaded: string[] } {
  const loaded: string[] = []
  const load = async (kind: ModuleKind, source: URL | ArrayBuffer): Promise<Engine> => {
    const from = source instanceof URL ? source.pathname.split('/').pop() : `${source.byteLength} bytes`
    loaded.push(`${kind} ${from}`)
    if (failing(loaded.length, source)) throw new EngineUnavailable('not there', { isMissing: true })
    return { Session: {} as Engine['Session'], memory: () => 1000 }
  }
  return { modules: new Modules({ type: 'boot', ...boot }, load, askPage), loaded }
}

interface Options {
  failing?: (count: number, source: URL | ArrayBuffer) => boolean
  askPage?: AskPage
}

const SMALL = 'jpeg truecrop_jpeg_bg.wasm'
const FULL = 'full truecrop_bg.wasm'
const ALL = 'all truecrop_all_bg.wasm'
const HEIC = 'heic truecrop_heic_bg.wasm'

const files: [string, string, string][] = [
  ['a JPEG', '\xff\xd8\xff\xe0', SMALL],
  ['a PNG', '\x89PNG\r\n\x1a\n', FULL],
  ['a GIF', 'GIF89a', FULL],
  ['a WebP', 'RIFF\x0a\x0d\0\0WEBPVP8 ', FULL],
  ['a sound in RIFF', 'RIFF\0\0\0\0WAVEfmt ', SMALL],
  ['a HEIC', '\0\0\0\x18ftypheic', HEIC],
  ['a HEIC of an Android phone', '\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf', HEIC],
  ['a sequence', '\0\0\0\x1cftypmsf1\0\0\0\0msf1hevcmiaf', HEIC],
  ['a HEIF that names no codec', '\0\0\0\x18ftypmif1\0\0\0\0mif1miaf', HEIC],
  ['an AVIF, which the JPEG module names in its error', '\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf', SMALL],
  ['an AVIF whose first brand is general', '\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf', SMALL],
  ['a video', '\0\0\0\x18ftypisom\0\0\0\0isomavc1', SMALL],
  ['a TIFF', 'II*\0\x08\0\0\0', ALL],
  ['a TIFF of the other byte order', 'MM\0*\0\0\0\x08', ALL],
  ['a BMP', 'BM\x36\0', ALL],
  ['an icon', '\0\0\x01\0\x01\0', ALL],
  ['a QOI', 'qoif\0\0\0\x01', ALL],
  ['a PPM', 'P6\n# made\n3 2\n255\n', ALL],
  ['a PAM', 'P7\nWIDTH 3\n', ALL],
  ['a TGA', '\0\0\x0a\0\0\0\0\0\0\0\0\0\x28\0\x1e\0\x18\x20', ALL],
  ['a TGA that says the bits of no palette', '\0\0\x0a\0\0\0\0\x18\0\0\0\0\x28\0\x1e\0\x18\x20', ALL],
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

const heic = '\0\0\0\x18ftypheic\0\0\0\0mif1heic'

test.each<[string, Addresses, string]>([
  ['where the page gives its address', { wasmUrl: '/w.wasm', heicWasmUrl: '/h.wasm' }, 'heic h.wasm'],
  ['in the module with all formats otherwise', { wasmUrl: '/w.wasm', allWasmUrl: '/a.wasm' }, 'all a.wasm'],
  ['nowhere, and the module that there is names it', { wasmUrl: '/w.wasm' }, 'full w.wasm'],
  ['nowhere where it is not wanted', { decoders: 'none' }, SMALL],
])('HEIC is read %s', async (_, boot, want) => {
  Object.assign(globalThis, { self: { location: { href: 'https://site.example/worker.js' } } })
  const { modules, loaded } = recording(boot)
  await modules.forFile(bytes(heic))
  expect(loaded).toEqual([want])
})

test('a HEIC that is not wanted does not reach a module that would read it', async () => {
  const { modules, loaded } = recording({ decoders: 'none' })
  for (const start of ['BM', heic]) await modules.forFile(bytes(start))
  expect(loaded).toEqual([ALL, SMALL])
})

test('other outputs than JPEG of a HEIC take the module with all formats, which then does for HEIC too', async () => {
  const { modules, loaded } = recording()
  await modules.forFile(bytes(heic))
  await modules.forOutputs(bytes(heic))
  await modules.forFile(bytes(heic))
  expect(loaded).toEqual([HEIC, ALL])
  const again = recording()
  for (const start of ['BM', heic]) await again.modules.forFile(bytes(start))
  expect(again.loaded).toEqual([ALL])
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
  expect(modules.memory()).toBe(2000)
})

test('a module that failed is loaded again for the next photo', async () => {
  const { modules, loaded } = recording({}, { failing: (count) => count === 1 })
  await expect(modules.forFile(bytes('\xff\xd8\xff'))).rejects.toThrow('not there')
  await modules.forFile(bytes('\xff\xd8\xff'))
  expect(loaded).toEqual([SMALL, SMALL])
})

test('a module that failed leaves the other ones as they are', async () => {
  const { modules } = recording({}, { failing: (count) => count === 2 })
  await modules.forFile(bytes('\xff\xd8\xff'))
  await expect(modules.forFile(bytes('GIF89a'))).rejects.toThrow('not there')
  expect(modules.memory()).toBe(1000)
  await modules.forFile(bytes('\xff\xd8\xff'))
})

test('a module that a bundler has left behind comes from the page', async () => {
  const askPage = async (): Promise<ArrayBuffer> => new ArrayBuffer(7)
  const { modules, loaded } = recording({}, { failing: (_, source) => source instanceof URL, askPage })
  await modules.forFile(bytes('GIF89a'))
  expect(loaded).toEqual([FULL, 'full 7 bytes'])
})

test('a page that has the modules in its own files is asked first, but an address wins', async () => {
  Object.assign(globalThis, { self: { location: { href: 'blob:https://site.example/1' } } })
  const askPage = async (): Promise<ArrayBuffer> => new ArrayBuffer(7)
  const page = recording({ inline: true }, { askPage })
  await page.modules.forFile(bytes('\xff\xd8\xff'))
  expect(page.loaded).toEqual(['jpeg 7 bytes'])
  const address = recording({ inline: true, wasmUrl: 'https://cdn.example/web.wasm' }, { askPage })
  await address.modules.forFile(bytes('\xff\xd8\xff'))
  expect(address.loaded).toEqual(['full web.wasm'])
})

test('an address that the page gave is not replaced by a copy', async () => {
  const askPage = async (): Promise<ArrayBuffer> => new ArrayBuffer(7)
  const { modules } = recording({ wasmUrl: 'https://cdn.example/web.wasm' }, { failing: () => true, askPage })
  await expect(modules.forFile(bytes('GIF89a'))).rejects.toThrow('not there')
})
