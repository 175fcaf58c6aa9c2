/** One picked file, open in the worker. */

import type { Facts, Ignored, PlatformPixels, Recipe, RenderedResponse, Solved, View } from '../protocol.js'
import type { Bridge, CallOptions } from './bridge.js'
import { TruecropError } from './error.js'

/** The outputs of a recipe and their receipt. */
export class Result {
  /** Canonical JSON: send it unchanged. */
  readonly receipt: string
  /** One file per output, in the recipe's order. */
  readonly outputs: readonly File[]
  /** The outputs' names, in the same order. */
  readonly names: readonly string[]
  /** Milliseconds that the render took in the worker. */
  readonly took: number
  /** Bytes of wasm memory after the render. */
  readonly memory: number

  constructor(response: RenderedResponse) {
    this.receipt = response.receipt
    this.names = response.outputs.map(({ name }) => name)
    this.outputs = response.outputs.map(({ name, type, bytes }) => new File([bytes], `${name}.${extension(type)}`, { type }))
    this.took = response.took
    this.memory = response.memory
  }

  /** What the file holds and the outputs do not show, as in the receipt. */
  get ignored(): readonly Ignored[] {
    return this.source.ignored ?? []
  }

  /** Whether the file ends too early: what is missing is gray. */
  get truncated(): boolean {
    return this.source.truncated ?? false
  }

  /** What the receipt says of the source. */
  protected get source(): { ignored?: Ignored[]; truncated?: boolean } {
    return this.receipt ? (JSON.parse(this.receipt) as { source: Result['source'] }).source : {}
  }

  /**
   * The body of an upload: the receipt first, then one part per output. The name tells several pictures of one form apart: the parts are
   * `NAME.receipt` and, for the only output, `NAME`; of several outputs each is `NAME.OUTPUT`.
   */
  toFormData(name = 'main'): FormData {
    const form = new FormData()
    const part = (output: string): string => (this.outputs.length === 1 ? name : `${name}.${output}`)
    form.append(`${name}.receipt`, new File([this.receipt], 'receipt.json', { type: 'application/json' }))
    this.outputs.forEach((file, i) => form.append(part(this.names[i] ?? ''), file))
    return form
  }
}

function extension(type: string): string {
  return type === 'image/jpeg' ? 'jpg' : type.slice('image/'.length)
}

/** Opens a file in the worker: what the engine does not read, by the browser's own decoder, where the page wants that. */
async function openInWorker(bridge: Bridge, photo: number, file: Blob, options?: CallOptions): Promise<Facts> {
  const open = async (pixels?: PlatformPixels): Promise<Facts> =>
    (await bridge.call('facts', { type: 'open', photo, file, pixels }, options)).facts
  return open().catch(async (error: TruecropError) => {
    if (!bridge.usesPlatform || error.code !== 'unsupported-format') throw error
    return open(await (await import('./platform.js')).decode(file, error))
  })
}

/**
 * An open photo. Its file is only read, in the worker; nothing leaves the page. When the worker has been replaced, the
 * photo is opened again in the new one by itself.
 */
export class Photo {
  readonly file: Blob
  readonly facts: Facts
  readonly #bridge: Bridge
  readonly #id: number
  #generation: number
  #opening: Promise<unknown> | undefined
  #closed = false

  /** Use `openPhoto`. */
  private constructor(bridge: Bridge, id: number, file: Blob, facts: Facts) {
    this.#bridge = bridge
    this.#id = id
    this.#generation = bridge.generation
    this.file = file
    this.facts = facts
  }

  /** @internal */
  static async open(bridge: Bridge, id: number, file: Blob, options: CallOptions): Promise<Photo> {
    try {
      return new Photo(bridge, id, file, await openInWorker(bridge, id, file, options))
    } catch (error) {
      // The worker may have opened it before it heard of the abort.
      if (options.signal?.aborted && bridge.generation > 0) {
        void bridge.call('closed', { type: 'close', photo: id }).catch(() => undefined)
      }
      throw error
    }
  }

  /**
   * A small picture of the whole photo for the screen; its longer side has at most `longest` pixels. Close it after use. With 0 it is the small
   * picture that a HEIC has itself, where it has one.
   */
  async proxy(longest: number, options: CallOptions = {}): Promise<ImageBitmap> {
    await this.#ensureOpen()
    return (await this.#bridge.call('proxy', { type: 'proxy', photo: this.#id, longest }, options)).bitmap
  }

  /** Brings a view within its bounds and computes its crop, by the core's own solver. */
  async solve(view: View, aspect: [number, number], contain = false, options: CallOptions = {}): Promise<Solved> {
    await this.#ensureOpen()
    return (await this.#bridge.call('solved', { type: 'solve', photo: this.#id, view, aspect, contain }, options)).solved
  }

  /**
   * Makes a recipe's outputs and their receipt.
   *
   * @throws TruecropError with the core's code, or the signal's reason.
   */
  async render(recipe: Recipe, options: CallOptions = {}): Promise<Result> {
    await this.#ensureOpen()
    const request = { type: 'render', photo: this.#id, recipe: JSON.stringify(recipe) } as const
    return new Result(await this.#bridge.call('rendered', request, options))
  }

  /** Releases the photo's memory in the worker. Closing twice does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (this.#bridge.generation !== this.#generation) return
    // A worker that has ended has already released everything.
    await this.#bridge.call('closed', { type: 'close', photo: this.#id }).catch(() => undefined)
  }

  async #ensureOpen(): Promise<void> {
    if (this.#closed) {
      const detail = 'This photo is closed. Open it again.'
      throw new TruecropError({ code: 'invalid-option', fault: 'caller', detail, field: 'photo' })
    }
    const generation = this.#bridge.start()
    if (generation === this.#generation) return this.#opening as Promise<undefined>
    this.#generation = generation
    this.#opening = openInWorker(this.#bridge, this.#id, this.file)
    await this.#opening
  }
}
