/**
 * The two builds of the engine: a small one that knows JPEG alone, and the one with every format. A worker begins with
 * the one that the file asks for, and gets the other when it is needed.
 */

import type { Boot } from '../protocol.js'
import type { Engine } from './engine.js'

export type Kind = 'jpeg' | 'full'

/** Finds, loads and starts one of them. */
export type Load = (kind: Kind, url: URL) => Promise<Engine>

export class Modules {
  readonly #boot: Boot | undefined
  readonly #load: Load
  readonly #engines = new Map<Kind, Promise<Engine>>()

  /** `load` is called at the first photo, not before, and once for each kind. */
  constructor(boot: Boot | undefined, load: Load) {
    this.#boot = boot
    this.#load = load
  }

  /** For a file by its first bytes. Whatever is not known to need the large one is left to the small one to name. */
  async for(file: Blob): Promise<Engine> {
    if (this.#engines.has('full') || !this.#small()) return this.get('full')
    return this.get(needsAll(await head(file)) ? 'full' : 'jpeg')
  }

  get(kind: Kind): Promise<Engine> {
    const engine = this.#engines.get(kind) ?? this.#load(kind, address(kind, this.#boot))
    this.#engines.set(kind, engine)
    return engine
  }

  /** Bytes of wasm memory, of both together. */
  async memory(): Promise<number> {
    const engines = await Promise.all(this.#engines.values())
    return engines.reduce((sum, engine) => sum + engine.memory(), 0)
  }

  /** A page that gives one address has copied one module: the one that can do everything. */
  #small(): boolean {
    return this.#boot?.wasmUrl === undefined || this.#boot.jpegWasmUrl !== undefined
  }
}

/** Bare literals, each in a branch of its own: bundlers look for exactly this. */
function address(kind: Kind, boot: Boot | undefined): URL {
  const given = kind === 'full' ? boot?.wasmUrl : boot?.jpegWasmUrl
  if (given !== undefined) return new URL(given, self.location.href)
  if (kind === 'full') return new URL('./wasm/truecrop_bg.wasm', import.meta.url)
  return new URL('./wasm/truecrop_jpeg_bg.wasm', import.meta.url)
}

/** A file that can not be read is the engine's to tell of. */
async function head(file: Blob): Promise<string> {
  const bytes = await file
    .slice(0, 12)
    .arrayBuffer()
    .catch(() => new ArrayBuffer(0))
  return String.fromCharCode(...new Uint8Array(bytes))
}

/** The signatures of PNG, GIF and WebP. */
function needsAll(head: string): boolean {
  return /^(\x89PNG|GIF8|RIFF[^]{4}WEBP)/.test(head)
}
