/**
 * truecrop without its element: open a photo in a worker, look at it, render recipes of it.
 *
 * Importing this file does nothing: the worker starts with the first photo, and stops when it is idle.
 *
 * ```ts
 * const photo = await openPhoto(file)
 * const { crop, view } = await photo.solve({ zoom: 2, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }, [1, 1])
 * const result = await photo.render({ truecrop: 1, crop, outputs: [{ name: 'main', width: 512, height: 512, format: 'jpeg' }] })
 * await fetch('/v1/images', { method: 'POST', body: result.toFormData() })
 * await photo.close()
 * ```
 */

import { Bridge, type CallOptions, type Port } from './bridge.js'
import { Photo } from './photo.js'

export { TruecropError } from './error.js'
export { Photo, Result } from './photo.js'
export type { CallOptions } from './bridge.js'
export type * from '../protocol.js'

export interface TruecropOptions {
  /** Address of worker.js; beside this module when missing. */
  workerUrl?: string | URL | undefined
  /** Address of truecrop_bg.wasm, the module with every format; in wasm/ beside the worker when missing. */
  wasmUrl?: string | URL | undefined
  /**
   * Address of truecrop_jpeg_bg.wasm, the small module that JPEGs need; in wasm/ beside the worker when missing. With
   * `wasmUrl` alone that one module does everything.
   */
  jpegWasmUrl?: string | URL | undefined
  /** The core's limits; its defaults where missing. */
  limits?: Record<string, number> | undefined
  /** Milliseconds without work after which the worker stops; 30,000 when missing. */
  idle?: number | undefined
}

/** One worker and the photos in it. */
export class Truecrop {
  readonly #bridge: Bridge
  #nextPhoto = 1

  constructor(options: TruecropOptions = {}) {
    const { workerUrl, wasmUrl, jpegWasmUrl, limits, idle = 30_000 } = options
    const boot = {
      // The worker's own address is not the page's: relative ones are resolved here.
      ...(wasmUrl !== undefined && { wasmUrl: new URL(wasmUrl, globalThis.location?.href).href }),
      ...(jpegWasmUrl !== undefined && { jpegWasmUrl: new URL(jpegWasmUrl, globalThis.location?.href).href }),
      ...(limits && { limits: JSON.stringify(limits) }),
    }
    this.#bridge = new Bridge({ start: () => startWorker(workerUrl), boot, idle })
  }

  /**
   * Opens and probes a file. Only its headers are read now.
   *
   * @throws TruecropError with codes such as `unsupported-format`, `empty-source`, `damaged-source`, `too-many-pixels`.
   */
  open(file: Blob, options: CallOptions = {}): Promise<Photo> {
    return Photo.open(this.#bridge, this.#nextPhoto++, file, options)
  }

  /** Whether a worker is running. */
  get running(): boolean {
    return this.#bridge.generation > 0
  }

  /** Stops the worker; photos open themselves again when they are used. */
  stop(): void {
    this.#bridge.stop()
  }
}

function startWorker(url: string | URL | undefined): Port {
  // The bare literal below is what bundlers look for: nothing may be mixed into it.
  const worker =
    url === undefined
      ? new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
      : new Worker(url, { type: 'module' })
  return worker as unknown as Port
}

let shared: Truecrop | undefined

/** The page's own worker, shared by everything that does not ask for another. */
export function sharedTruecrop(): Truecrop {
  shared ??= new Truecrop()
  return shared
}

/** Opens a photo in the page's shared worker. */
export function openPhoto(file: Blob, options: CallOptions = {}): Promise<Photo> {
  return sharedTruecrop().open(file, options)
}
