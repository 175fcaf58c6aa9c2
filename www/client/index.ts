/**
 * truecrop without the element: open a photo in a worker, solve views of it, and render recipes.
 *
 * Importing this file has no side effects: the worker starts with the first photo, and stops when it is idle.
 *
 * ```ts
 * const photo = await openPhoto(file)
 * const { crop, view } = await photo.solve({ zoom: 2, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }, [1, 1])
 * const result = await photo.render({ truecrop: 1, crop, outputs: [{ name: 'main', width: 512, height: 512, format: 'jpeg' }] })
 * await fetch('/v1/images', { method: 'POST', body: result.toFormData() })
 * await photo.close()
 * ```
 */

import type { Decoders } from '../protocol.js'
import { Bridge, type BridgeOptions, type CallOptions, type WorkerPort } from './bridge.js'
import { TruecropError } from './error.js'
import { Photo } from './photo.js'
import { StartingWorker, waysToStart } from './worker-port.js'

export { TruecropError } from './error.js'
export { Photo, Result } from './photo.js'
export type { CallOptions } from './bridge.js'
export type * from '../protocol.js'

export interface TruecropOptions {
  /** Address of worker.js; by default beside this module. */
  workerUrl?: string | URL | undefined
  /** Address of truecrop_bg.wasm, the module with the web's formats; by default in wasm/ beside the worker. */
  wasmUrl?: string | URL | undefined
  /**
   * Address of truecrop_jpeg_bg.wasm, the small module for JPEGs; by default in wasm/ beside the worker. When only
   * `wasmUrl` is given, that one module does everything.
   */
  jpegWasmUrl?: string | URL | undefined
  /**
   * Address of truecrop_all_bg.wasm, which reads the rare formats too (TIFF, BMP, ICO, TGA, PNM, QOI); by default in wasm/
   * beside the worker. When `wasmUrl` is given without it, rare formats are refused.
   */
  allWasmUrl?: string | URL | undefined
  /**
   * Address of truecrop_heic_bg.wasm, which reads HEIC beside JPEG; by default in wasm/ beside the worker. When `wasmUrl` is given
   * without it, HEIC goes to the module with all formats, and is refused where that has no address either.
   */
  heicWasmUrl?: string | URL | undefined
  /**
   * What is decoded beside the web's formats. `heic`, the default: HEIC, by the engine. `platform`: also what the browser's own decoder
   * reads (AVIF; JPEG XL where the browser has it): the receipt says `decoder: "platform"`, since nobody can make such outputs again.
   * `none`: HEIC is refused by name, and no module is loaded for it.
   */
  decoders?: Decoders | undefined
  /** Limits that replace the core's own. */
  limits?: Record<string, number> | undefined
  /** The worker stops after this many milliseconds without a request; by default 30,000. */
  idle?: number | undefined
}

/** One worker and the photos in it. */
export class Truecrop {
  readonly #bridge: Bridge
  #nextPhoto = 1

  constructor(options: TruecropOptions = {}) {
    const { workerUrl, decoders, limits, idle = 30_000 } = options
    const boot: BridgeOptions['boot'] = { ...(decoders && { decoders }), ...(limits && { limits: JSON.stringify(limits) }) }
    for (const name of MODULE_ADDRESSES) {
      const url = options[name]
      // Relative addresses are relative to the page, and the worker does not know the page's address.
      if (url !== undefined) boot[name] = absolute(url)
    }
    this.#bridge = new Bridge({ start: () => startWorker(workerUrl), boot, idle })
  }

  /**
   * Opens a file. Only its headers are read now.
   *
   * @throws TruecropError with codes such as `unsupported-format`, `empty-source`, `damaged-source`, `too-many-pixels`.
   */
  open(file: Blob, options: CallOptions = {}): Promise<Photo> {
    return Photo.open(this.#bridge, this.#nextPhoto++, file, options)
  }

  /** Starts the worker and its module, where it does not run: a photo is about to be chosen. What fails is said when one is opened. */
  async warm(): Promise<void> {
    try {
      if (!this.running) await this.#bridge.call('warmed', { type: 'warm' })
    } catch {}
  }

  /** Whether the worker is running. */
  get running(): boolean {
    return this.#bridge.generation > 0
  }

  /** Stops the worker. Photos that are used later are opened again by themselves. */
  stop(): void {
    this.#bridge.stop()
  }
}

function startWorker(url: string | URL | undefined): WorkerPort {
  if (typeof Worker === 'undefined') {
    const detail =
      "There are no web workers here. Photos are opened in a browser's page; in Node use 'truecrop/core' with the file's bytes."
    throw new TruecropError({ code: 'engine-unavailable', fault: 'caller', detail, expected: 'Worker' })
  }
  return new StartingWorker(waysToStart(url))
}

/** Where the modules are. */
const MODULE_ADDRESSES = ['wasmUrl', 'jpegWasmUrl', 'allWasmUrl', 'heicWasmUrl'] as const

/** The addresses that tell workers apart, and what is decoded. */
export const ADDRESSES = ['workerUrl', ...MODULE_ADDRESSES] as const
export type Addresses = Pick<TruecropOptions, (typeof ADDRESSES)[number] | 'decoders'>

const absolute = (url: string | URL): string => new URL(url, globalThis.location?.href).href

const shared = new Map<string, Truecrop>()

/** The page's shared worker: one for each set of addresses, for everything that does not bring its own. */
export function sharedTruecrop(addresses: Addresses = {}): Truecrop {
  const urls = ADDRESSES.map((name) => addresses[name]).map((url) => (url ? absolute(url) : ''))
  // The element always says what is decoded; who says nothing gets the same.
  const key = [...urls, addresses.decoders ?? 'heic'].join(' ')
  const known = shared.get(key) ?? new Truecrop(addresses)
  shared.set(key, known)
  return known
}

/** Opens a photo in the page's shared worker. */
export async function openPhoto(file: Blob, options: CallOptions = {}): Promise<Photo> {
  return sharedTruecrop().open(file, options)
}
