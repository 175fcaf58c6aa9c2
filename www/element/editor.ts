/**
 * What happens to one picked photo: opened, moved under the frame, and made exactly when it has settled. Holds the
 * *wanted* view and solves it for the display, so that nothing accumulates. No DOM in here.
 */

import type { Photo, Result, Truecrop } from '../client/index.js'
import { TruecropError } from '../client/error.js'
import type { Facts, Recipe, Solved, View } from '../protocol.js'
import { solve } from './geometry.js'
import { type Options, outputsFor } from './options.js'

export type State = 'empty' | 'opening' | 'moving' | 'rendering' | 'ready' | 'failed'

/** What the editor needs of its element. */
export interface EditorHost {
  options(): Options
  client(): Truecrop
  /** Pixels of the proxy's longer side. */
  proxySide(): number
  /** Something to be drawn or said changed. */
  update(): void
  /** The photo is open and can be moved. */
  opened(facts: Facts): void
  progress(stage: 'opening' | 'rendering', done: number): void
  /** The exact result is there. */
  changed(result: Result): void
  failed(error: TruecropError): void
}

/** Milliseconds after the last move until the exact picture is made. */
const SETTLE = 200

/** The view of a photo that nobody has touched. */
export const START: View = { zoom: 1, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }

export class Editor {
  readonly #host: EditorHost
  #wanted: View = START
  #photo: Photo | undefined
  #opening = new AbortController()
  #rendering = new AbortController()
  #settle: ReturnType<typeof setTimeout> | undefined

  state: State = 'empty'
  file: File | undefined
  facts: Facts | undefined
  proxy: ImageBitmap | undefined
  solved: Solved | undefined
  result: Result | undefined
  error: TruecropError | undefined

  constructor(host: EditorHost) {
    this.#host = host
  }

  get wanted(): View {
    return this.#wanted
  }

  /** Opens a file in the place of the one before; `view` is where it starts. */
  async open(file: File, view: View = START): Promise<void> {
    this.close()
    const { signal } = (this.#opening = new AbortController())
    this.file = file
    this.#wanted = view
    this.#become('opening')
    try {
      const photo = await this.#host.client().open(file, { signal })
      if (signal.aborted) return void photo.close()
      this.#photo = photo
      this.facts = photo.facts
      const onProgress = (done: number): void => this.#host.progress('opening', done)
      const proxy = await photo.proxy(this.#host.proxySide(), { signal, onProgress })
      if (signal.aborted) return proxy.close()
      this.proxy = proxy
      this.#resolve()
      this.#become('moving')
      this.#host.opened(photo.facts)
      void this.#render()
    } catch (error) {
      this.#fail(error, signal)
    }
  }

  /** Forgets the photo and gives its memory back. */
  close(): void {
    this.#opening.abort()
    this.#rendering.abort()
    clearTimeout(this.#settle)
    this.proxy?.close()
    void this.#photo?.close()
    this.#photo = this.file = this.facts = this.proxy = this.solved = this.result = this.error = undefined
    this.#wanted = START
    this.#become('empty')
  }

  /** Moves to a wanted view; it is brought within bounds for the display and made when it has settled. */
  want(view: View): void {
    this.#wanted = view
    this.again()
  }

  /** Solves and makes again, after a move or when the options changed. */
  again(): void {
    if (!this.facts || !this.proxy) return
    this.#resolve()
    this.#rendering.abort()
    this.result = undefined
    this.#become('moving')
    clearTimeout(this.#settle)
    this.#settle = setTimeout(() => void this.#render(), SETTLE)
  }

  /** The recipe of what is seen now. */
  recipe(): Recipe | undefined {
    return this.solved && this.facts && recipeOf(this.solved, this.facts, this.#host.options())
  }

  #resolve(): void {
    if (!this.facts) return
    const { aspect, background, maxZoom } = this.#host.options()
    if (this.#wanted.zoom > maxZoom) this.#wanted = { ...this.#wanted, zoom: maxZoom }
    this.solved = solve(this.facts, aspect, background !== undefined, this.#wanted)
  }

  async #render(): Promise<void> {
    const photo = this.#photo
    if (!photo || !this.solved) return
    this.#rendering.abort()
    clearTimeout(this.#settle)
    const { signal } = (this.#rendering = new AbortController())
    const options = this.#host.options()
    this.#become('rendering')
    try {
      const [width, height] = options.aspect
      const solved = await photo.solve(this.#wanted, [width, height], options.background !== undefined, { signal })
      this.solved = solved
      const recipe = recipeOf(solved, photo.facts, options)
      const onProgress = (done: number): void => this.#host.progress('rendering', done)
      const result = await photo.render(recipe, { signal, onProgress })
      if (signal.aborted) return
      this.result = result
      this.error = undefined
      this.#become('ready')
      this.#host.changed(result)
    } catch (error) {
      this.#fail(error, signal)
    }
  }

  #become(state: State): void {
    this.state = state
    this.#host.update()
  }

  #fail(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return
    this.error = error instanceof TruecropError ? error : unexpected(error)
    this.result = undefined
    this.#become('failed')
    this.#host.failed(this.error)
  }
}

function recipeOf(solved: Solved, facts: Facts, options: Options): Recipe {
  const { rotate, flip } = solved.view
  const background = options.background === undefined ? {} : { background: options.background }
  return { truecrop: 1, crop: solved.crop, rotate, flip, ...background, outputs: outputsFor(options, facts) }
}

function unexpected(error: unknown): TruecropError {
  const detail = error instanceof Error ? error.message : String(error)
  return new TruecropError({ code: 'internal', fault: 'environment', detail })
}
