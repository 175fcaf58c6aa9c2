/**
 * The life of one picked photo: it is opened, moved under the frame, and rendered exactly once it no longer moves. Keeps the
 * view that the person wants, unrounded, and solves it for display: rounding errors cannot add up. Uses no DOM.
 */

import type { Photo, Result, Truecrop } from '../client/index.js'
import { TruecropError } from '../client/error.js'
import type { Facts, Ignored, Recipe, Solved, View } from '../protocol.js'
import { solve } from './geometry.js'
import { type ElementOptions, resolveOutputs } from './options.js'

export type EditorState = 'empty' | 'opening' | 'moving' | 'rendering' | 'ready' | 'failed'

/** What the editor needs from its element. */
export interface EditorHost {
  options(): ElementOptions
  client(): Truecrop
  /** Pixels of the proxy's longer side. */
  proxySide(): number
  /** Something that is shown has changed. */
  update(): void
  /** The photo is open and can be moved. */
  onOpen(facts: Facts): void
  onProgress(stage: 'opening' | 'rendering', done: number): void
  /** The exact result is ready. */
  onResult(result: Result): void
  onError(error: TruecropError): void
}

/** Milliseconds from the last move until the exact picture is rendered. */
const SETTLE_MS = 200

/** The view of a photo that has not been moved. */
export const INITIAL_VIEW: View = { zoom: 1, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }

export class Editor {
  readonly #host: EditorHost
  #wanted: View = INITIAL_VIEW
  #photo: Photo | undefined
  #opening = new AbortController()
  #rendering = new AbortController()
  #settleTimer: ReturnType<typeof setTimeout> | undefined

  state: EditorState = 'empty'
  file: File | undefined
  facts: Facts | undefined
  proxy: ImageBitmap | undefined
  solved: Solved | undefined
  result: Result | undefined
  error: TruecropError | undefined

  /** What the photo holds and the picture does not show: by its headers first, then by the receipt. */
  ignored: readonly Ignored[] = []

  constructor(host: EditorHost) {
    this.#host = host
  }

  /** The view that the person wants, not yet brought within its bounds. */
  get wanted(): View {
    return this.#wanted
  }

  /** Opens a file in place of the previous one. `view` is its first view. */
  async open(file: File, view: View = INITIAL_VIEW): Promise<void> {
    this.close()
    const { signal } = (this.#opening = new AbortController())
    this.file = file
    this.#wanted = view
    this.#setState('opening')
    try {
      const photo = await this.#host.client().open(file, { signal })
      if (signal.aborted) return void photo.close()
      this.#photo = photo
      this.facts = photo.facts
      this.ignored = photo.facts.ignored
      const onProgress = (done: number): void => this.#host.onProgress('opening', done)
      const proxy = await photo.proxy(this.#host.proxySide(), { signal, onProgress })
      if (signal.aborted) return proxy.close()
      this.proxy = proxy
      this.#solve()
      this.#setState('moving')
      this.#host.onOpen(photo.facts)
      void this.#render()
    } catch (error) {
      this.#setError(error, signal)
    }
  }

  /** Closes the photo and releases its memory. */
  close(): void {
    this.#opening.abort()
    this.#rendering.abort()
    clearTimeout(this.#settleTimer)
    this.proxy?.close()
    void this.#photo?.close()
    this.#photo = this.file = this.facts = this.proxy = this.solved = this.result = this.error = undefined
    this.ignored = []
    this.#wanted = INITIAL_VIEW
    this.#setState('empty')
  }

  /** Moves the photo. What is shown is the view brought within its bounds; the exact picture follows after {@link SETTLE_MS}. */
  setView(view: View): void {
    this.#wanted = view
    this.refresh()
  }

  /** Solves and renders again, after a move or a change of the options. */
  refresh(): void {
    if (!this.facts || !this.proxy) return
    this.#solve()
    this.#rendering.abort()
    this.result = undefined
    this.#setState('moving')
    clearTimeout(this.#settleTimer)
    this.#settleTimer = setTimeout(() => void this.#render(), SETTLE_MS)
  }

  /** The recipe of what is shown now. */
  recipe(): Recipe | undefined {
    return this.solved && this.facts && buildRecipe(this.solved, this.facts, this.#host.options())
  }

  #solve(): void {
    if (!this.facts) return
    const { aspect, background, maxZoom } = this.#host.options()
    if (this.#wanted.zoom > maxZoom) this.#wanted = { ...this.#wanted, zoom: maxZoom }
    this.solved = solve(this.facts, aspect, background !== undefined, this.#wanted)
  }

  async #render(): Promise<void> {
    const photo = this.#photo
    if (!photo || !this.solved) return
    this.#rendering.abort()
    clearTimeout(this.#settleTimer)
    const { signal } = (this.#rendering = new AbortController())
    const options = this.#host.options()
    this.#setState('rendering')
    try {
      const [width, height] = options.aspect
      const solved = await photo.solve(this.#wanted, [width, height], options.background !== undefined, { signal })
      this.solved = solved
      const recipe = buildRecipe(solved, photo.facts, options)
      const onProgress = (done: number): void => this.#host.onProgress('rendering', done)
      const result = await photo.render(recipe, { signal, onProgress })
      if (signal.aborted) return
      this.result = result
      this.ignored = result.ignored
      this.error = undefined
      this.#setState('ready')
      this.#host.onResult(result)
    } catch (error) {
      this.#setError(error, signal)
    }
  }

  #setState(state: EditorState): void {
    this.state = state
    this.#host.update()
  }

  #setError(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return
    this.error = error instanceof TruecropError ? error : internalError(error)
    this.result = undefined
    this.#setState('failed')
    this.#host.onError(this.error)
  }
}

function buildRecipe(solved: Solved, facts: Facts, options: ElementOptions): Recipe {
  const { rotate, flip } = solved.view
  const background = options.background === undefined ? {} : { background: options.background }
  return { truecrop: 1, crop: solved.crop, rotate, flip, ...background, outputs: resolveOutputs(options, facts) }
}

function internalError(error: unknown): TruecropError {
  const detail = error instanceof Error ? error.message : String(error)
  return new TruecropError({ code: 'internal', fault: 'environment', detail })
}
