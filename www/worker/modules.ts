/**
 * The four builds of the engine: the small JPEG module, the full module with the web's formats, the one of JPEG and HEIC, and the
 * module with all formats, also the rare ones. A worker starts with the one that its first file needs, and loads another when something
 * needs it.
 */

import type { BootMessage, ModuleKind } from '../protocol.js'
import { type Engine, EngineUnavailable } from '../engine/load.js'

/** Loads and starts one of the modules. */
export type LoadModule = (kind: ModuleKind, source: URL | ArrayBuffer) => Promise<Engine>

/** Asks the page for a module that it has in its own files. Rejects when it has none. */
export type AskPage = (kind: ModuleKind) => Promise<ArrayBuffer>

export class Modules {
  readonly #boot: BootMessage | undefined
  readonly #load: LoadModule
  readonly #askPage: AskPage
  /** Those that are loaded or being loaded. One that fails is removed, so that the next photo tries again. */
  readonly #engines = new Map<ModuleKind, Promise<Engine>>()
  readonly #loaded: Engine[] = []

  /** `load` is first called when the first photo is opened, and not again for a kind once that has worked. */
  constructor(boot: BootMessage | undefined, load: LoadModule, askPage: AskPage) {
    this.#boot = boot
    this.#load = load
    this.#askPage = askPage
  }

  /**
   * The engine for a file, chosen by the file's first bytes. A format that is not recognised goes to the JPEG module, whose
   * probe names it in its error; so do HEIC and rare formats where the page has no module for them.
   */
  async forFile(file: Blob): Promise<Engine> {
    const needed = moduleFor(await readSignature(file))
    const smallest = this.#has('jpeg') ? 'jpeg' : 'full'
    if (needed === 'heic') return this.get(this.#heicModule() ?? smallest)
    if (needed === 'all' && this.#has('all')) return this.get('all')
    if (needed === 'full' || smallest === 'full') return this.forOutputs()
    // What is loaded already does for a JPEG too.
    return this.#engines.has('full') || this.#engines.has('all') ? this.forOutputs() : this.get('jpeg')
  }

  /** The engine for what the browser has decoded. */
  forPixels(): Promise<Engine> {
    return this.get(this.#engines.has('all') || !this.#has('heic') ? 'all' : 'heic')
  }

  /** The engine for the outputs that the JPEG module does not write, or that of HEIC and of pixels. */
  async forOutputs(file?: Blob, isPixels = false): Promise<Engine> {
    if (isPixels || (file && moduleFor(await readSignature(file)) === 'heic')) return this.get('all')
    return this.get(this.#engines.has('all') && !this.#engines.has('full') ? 'all' : 'full')
  }

  /** The module that reads HEIC; none where the page wants none, or has none. */
  #heicModule(): ModuleKind | undefined {
    if (this.#boot?.decoders === 'none') return undefined
    const isLoaded = this.#engines.has('all') && !this.#engines.has('heic')
    return (isLoaded ? (['all'] as const) : (['heic', 'all'] as const)).find((kind) => this.#has(kind))
  }

  get(kind: ModuleKind): Promise<Engine> {
    const known = this.#engines.get(kind)
    if (known) return known
    const engine = this.#start(kind)
    this.#engines.set(kind, engine)
    engine.then(
      (loaded) => this.#loaded.push(loaded),
      () => this.#engines.delete(kind),
    )
    return engine
  }

  /** Bytes of wasm memory, all modules together. */
  memory(): number {
    return this.#loaded.reduce((sum, engine) => sum + engine.memory(), 0)
  }

  async #start(kind: ModuleKind): Promise<Engine> {
    const given = givenAddress(kind, this.#boot)
    if (given !== undefined) return this.#load(kind, new URL(given, self.location.href))
    if (this.#boot?.inline) return this.#load(kind, await this.#askPage(kind))
    try {
      return await this.#load(kind, defaultAddress(kind))
    } catch (error) {
      if (!(error instanceof EngineUnavailable && error.isMissing)) throw error
      // Some bundlers leave the wasm files behind. The page's own files may hold a copy.
      const bytes = await this.#askPage(kind).catch(() => undefined)
      if (!bytes) throw error
      return this.#load(kind, bytes)
    }
  }

  /** A page that gives `wasmUrl` alone has copied one file only: the full module must then do everything. */
  #has(kind: ModuleKind): boolean {
    return this.#boot?.wasmUrl === undefined || givenAddress(kind, this.#boot) !== undefined
  }
}

function givenAddress(kind: ModuleKind, boot: BootMessage | undefined): string | undefined {
  return boot?.[kind === 'full' ? 'wasmUrl' : (`${kind}WasmUrl` as const)]
}

/** Each address is a literal in a branch of its own, because bundlers look for exactly this pattern. */
function defaultAddress(kind: ModuleKind): URL {
  if (kind === 'all') return new URL('./wasm/truecrop_all_bg.wasm', import.meta.url)
  if (kind === 'full') return new URL('./wasm/truecrop_bg.wasm', import.meta.url)
  if (kind === 'heic') return new URL('./wasm/truecrop_heic_bg.wasm', import.meta.url)
  return new URL('./wasm/truecrop_jpeg_bg.wasm', import.meta.url)
}

/** The first bytes, as Latin-1 text. Empty when the file cannot be read: the engine then reports why. */
async function readSignature(file: Blob): Promise<string> {
  const bytes = await file
    .slice(0, 64)
    .arrayBuffer()
    .catch(() => new ArrayBuffer(0))
  return String.fromCharCode(...new Uint8Array(bytes))
}

/** The signatures of PNG, GIF and WebP. */
const FULL = /^(\x89PNG|GIF8|RIFF[^]{4}WEBP)/

/**
 * Those of TIFF, BMP, QOI, ICO and PNM; and TGA, which has none, by the fields of its header: without a palette and nothing
 * said of one but its bits, or with one. The module looks closer.
 */
const ALL =
  /^(II[*+]\0|MM\0[*+]|BM|qoif|\0\0[\x01\x02]\0|P[1-6]\s+[\d#]|P7\n|[^](\0[\x02\x03\x0a\x0b]\0{4}[\0\x0f\x10\x18\x20]|\x01[\x01\x09][^]{4}[\x0f\x10\x18\x20]))/

/** By the brands of a HEIF file. An AVIF has brands of its own, and is named in the error of any module. */
const HEIC = /^[^]{4}ftyp(?![^]*avi[fs])[^]*(hei[cmsx]|hev[cx]|m[is]f1)/

function moduleFor(signature: string): ModuleKind {
  if (HEIC.test(signature)) return 'heic'
  if (FULL.test(signature)) return 'full'
  return ALL.test(signature) ? 'all' : 'jpeg'
}
