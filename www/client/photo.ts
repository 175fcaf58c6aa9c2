/** One picked file, open in the worker. */

import type { Facts, Recipe, RenderedAnswer, Solved, View } from '../protocol.js'
import type { Bridge, CallOptions } from './bridge.js'
import { TruecropError } from './error.js'

/** What a recipe came to. */
export class Result {
  /** Canonical JSON: send it as it is. */
  readonly receipt: string
  /** One file per output, in the recipe's order. */
  readonly outputs: readonly File[]
  /** The outputs' names, in the same order: also the names of the parts of an upload. */
  readonly names: readonly string[]
  /** Milliseconds that the run took in the worker. */
  readonly took: number
  /** Bytes of wasm memory after the run. */
  readonly memory: number

  constructor(answer: RenderedAnswer) {
    this.receipt = answer.receipt
    this.names = answer.outputs.map(({ name }) => name)
    this.outputs = answer.outputs.map(({ name, type, bytes }) => new File([bytes], `${name}.${extension(type)}`, { type }))
    this.took = answer.took
    this.memory = answer.memory
  }

  /** The body of an upload: `receipt` first, then one part per output. */
  toFormData(): FormData {
    const form = new FormData()
    form.append('receipt', new File([this.receipt], 'receipt.json', { type: 'application/json' }))
    this.outputs.forEach((file, i) => form.append(this.names[i] ?? '', file))
    return form
  }
}

function extension(type: string): string {
  return type === 'image/jpeg' ? 'jpg' : type.slice('image/'.length)
}

/**
 * A photo. Its file is only read, in the worker; nothing leaves the page. When the worker was replaced meanwhile, the
 * photo is opened in the new one by itself.
 */
export class Photo {
  readonly file: Blob
  readonly facts: Facts
  readonly #bridge: Bridge
  readonly #id: number
  #openIn: number
  #opening: Promise<unknown> | undefined
  #closed = false

  /** Use {@link openPhoto}. */
  private constructor(bridge: Bridge, id: number, file: Blob, facts: Facts) {
    this.#bridge = bridge
    this.#id = id
    this.#openIn = bridge.generation
    this.file = file
    this.facts = facts
  }

  /** @internal */
  static async open(bridge: Bridge, id: number, file: Blob, options: CallOptions): Promise<Photo> {
    const { facts } = await bridge.call('facts', { type: 'open', photo: id, file }, options)
    return new Photo(bridge, id, file, facts)
  }

  /** A picture of the whole for the screen, its longer side at most `longest` pixels. Close it after use. */
  async proxy(longest: number, options: CallOptions = {}): Promise<ImageBitmap> {
    await this.#ensureOpen()
    return (await this.#bridge.call('proxy', { type: 'proxy', photo: this.#id, longest }, options)).bitmap
  }

  /** Brings a view within its bounds and gives the crop: the core's own answer. */
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

  /** Gives the worker's memory back. Closing twice does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (this.#bridge.generation !== this.#openIn) return
    // A worker that went away has given everything back already.
    await this.#bridge.call('closed', { type: 'close', photo: this.#id }).catch(() => undefined)
  }

  async #ensureOpen(): Promise<void> {
    if (this.#closed) {
      const detail = 'This photo was closed: open it again.'
      throw new TruecropError({ code: 'invalid-option', fault: 'caller', detail, field: 'photo' })
    }
    const generation = this.#bridge.start()
    if (generation === this.#openIn) return this.#opening as Promise<undefined>
    this.#openIn = generation
    this.#opening = this.#bridge.call('facts', { type: 'open', photo: this.#id, file: this.file })
    await this.#opening
  }
}
