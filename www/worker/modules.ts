/**
 * The two builds of the engine: the small JPEG module, and the full module with every format. A worker starts with the
 * one that its first file needs, and loads the other one when something needs it.
 */

import type { BootMessage } from '../protocol.js'
import type { Engine } from './engine.js'

export type ModuleKind = 'jpeg' | 'full'

/** Loads and starts one of the two modules. */
export type LoadModule = (kind: ModuleKind, url: URL) => Promise<Engine>

export class Modules {
  readonly #boot: BootMessage | undefined
  readonly #load: LoadModule
  readonly #engines = new Map<ModuleKind, Promise<Engine>>()

  /** `load` is first called when the first photo is opened, and at most once for each kind. */
  constructor(boot: BootMessage | undefined, load: LoadModule) {
    this.#boot = boot
    this.#load = load
  }

  /**
   * The engine for a file, chosen by the file's first bytes. A format that is not recognised goes to the JPEG module, whose
   * probe names it in its error.
   */
  async forFile(file: Blob): Promise<Engine> {
    if (this.#engines.has('full') || !this.#hasJpegModule()) return this.get('full')
    return this.get(needsFullModule(await readSignature(file)) ? 'full' : 'jpeg')
  }

  get(kind: ModuleKind): Promise<Engine> {
    const engine = this.#engines.get(kind) ?? this.#load(kind, moduleUrl(kind, this.#boot))
    this.#engines.set(kind, engine)
    return engine
  }

  /** Bytes of wasm memory, both modules together. */
  async memory(): Promise<number> {
    const engines = await Promise.all(this.#engines.values())
    return engines.reduce((sum, engine) => sum + engine.memory(), 0)
  }

  /** A page that gives `wasmUrl` alone has copied one file only: the full module must then do everything. */
  #hasJpegModule(): boolean {
    return this.#boot?.wasmUrl === undefined || this.#boot.jpegWasmUrl !== undefined
  }
}

/** Each address is a literal in a branch of its own, because bundlers look for exactly this pattern. */
function moduleUrl(kind: ModuleKind, boot: BootMessage | undefined): URL {
  const given = kind === 'full' ? boot?.wasmUrl : boot?.jpegWasmUrl
  if (given !== undefined) return new URL(given, self.location.href)
  if (kind === 'full') return new URL('./wasm/truecrop_bg.wasm', import.meta.url)
  return new URL('./wasm/truecrop_jpeg_bg.wasm', import.meta.url)
}

/** The first bytes, as Latin-1 text. Empty when the file cannot be read: the engine then reports why. */
async function readSignature(file: Blob): Promise<string> {
  const bytes = await file
    .slice(0, 12)
    .arrayBuffer()
    .catch(() => new ArrayBuffer(0))
  return String.fromCharCode(...new Uint8Array(bytes))
}

/** The signatures of PNG, GIF and WebP. */
function needsFullModule(signature: string): boolean {
  return /^(\x89PNG|GIF8|RIFF[^]{4}WEBP)/.test(signature)
}
