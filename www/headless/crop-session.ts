/**
 * A crop without a user interface: one photo, where it is under the frame, and the picture that comes of it, as a value that changes. `useTrueCrop` of React and
 * Vue is this; it may be used alone.
 */

import {
  type Facts,
  type OutputSpec,
  type Photo,
  type Recipe,
  type Result,
  type Solved,
  type View,
  openPhoto,
} from '../client/index.js'
import { invalidOption } from '../client/error.js'
import { plainView } from './views.js'

export interface CropOptions {
  /** The pictures to make. The frame has the first one's shape. */
  outputs: readonly OutputSpec[]
  /** `#rrggbb` or `transparent`: the photo may then be smaller than the frame. */
  background?: string | undefined
  filter?: Recipe['filter']
  light?: Recipe['light']
  /** The longer side of {@link CropState.proxy}, in pixels; by default 1536. */
  proxySide?: number | undefined
}

/** What a user interface shows. A new object after each change. */
export interface CropState {
  state: 'empty' | 'opening' | 'ready'
  facts: Facts | undefined
  /** The whole photo for the screen. It is closed with the photo. */
  proxy: ImageBitmap | undefined
  /** What was wanted last: at once. */
  view: View
  /** The same within its bounds, with the exact crop and the least and greatest zoom: a moment later. */
  solved: Solved | undefined
  /** Why the last photo could not be opened, or the last view not be solved. */
  error: unknown
}

const START: View = { zoom: 1, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }
const EMPTY: CropState = { state: 'empty', facts: undefined, proxy: undefined, view: START, solved: undefined, error: undefined }

export class CropSession {
  #options: CropOptions
  #state: CropState = EMPTY
  #photo: Photo | undefined
  #opening: AbortController | undefined
  #solving: AbortController | undefined
  readonly #listeners = new Set<() => void>()

  constructor(options: CropOptions) {
    this.#options = checked(options)
  }

  /** What is now. */
  get state(): CropState {
    return this.#state
  }

  /** Hears of each change; gives what ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Other outputs, another background: the view is solved again where the frame's shape has changed. */
  setOptions(options: CropOptions): void {
    const before = JSON.stringify(this.#frame())
    this.#options = checked(options)
    if (this.#photo && JSON.stringify(this.#frame()) !== before) this.setView({})
  }

  /**
   * Opens a photo, in place of the one that is open; `null` closes it. The photo that is open stays until the new one can be shown. What goes wrong is in
   * {@link CropState.error}.
   */
  async open(file: Blob | null, view: Partial<View> = {}): Promise<void> {
    this.#opening?.abort()
    if (!file) return this.#replace(undefined, EMPTY)
    const { signal } = (this.#opening = new AbortController())
    this.#change({ state: 'opening', error: undefined })
    let photo: Photo | undefined
    try {
      photo = await openPhoto(file, { signal })
      const proxy = await photo.proxy(this.#options.proxySide ?? 1536, { signal })
      if (signal.aborted) {
        proxy.close()
        return void photo.close()
      }
      const { facts } = photo
      this.#replace(photo, { ...EMPTY, state: 'ready', facts, proxy, view: plainView({ ...START, ...view }) })
      await this.#solve()
    } catch (error) {
      if (photo !== this.#photo) void photo?.close()
      if (!signal.aborted) this.#change({ state: this.#photo ? 'ready' : 'empty', error })
    }
  }

  /** Moves the photo: the members that are given, and the others as they were. */
  setView(view: Partial<View>): void {
    this.#change({ view: plainView({ ...this.#state.view, ...view }) })
    if (this.#photo) void this.#solve()
  }

  /** Where the photo was when it was opened. */
  reset(): void {
    this.setView(START)
  }

  /** What is shown, as a recipe; undefined until the view is solved. */
  get recipe(): Recipe | undefined {
    const { solved } = this.#state
    if (!solved) return undefined
    const { outputs, background, filter, light } = this.#options
    const { rotate, flip } = solved.view
    const more = { ...(background !== undefined && { background }), ...(filter && { filter }), ...(light && { light }) }
    return { truecrop: 1, crop: solved.crop, rotate, flip, ...more, outputs: [...outputs] }
  }

  /**
   * Makes the pictures of what is shown, and their receipt.
   *
   * @throws TruecropError `invalid-option` when no photo is open; the engine's codes; the signal's reason
   */
  async render(options: { signal?: AbortSignal; onProgress?: (done: number) => void } = {}): Promise<Result> {
    await this.#solved
    const [photo, recipe] = [this.#photo, this.recipe]
    if (!photo || !recipe) throw invalidOption('There is no photo: open one, and wait until the state is ready.', 'photo')
    return photo.render(recipe, options)
  }

  /** Closes the photo and forgets who listens. */
  close(): void {
    this.#opening?.abort()
    this.#replace(undefined, EMPTY)
    this.#listeners.clear()
  }

  /** Resolves when the view that was wanted last is solved. */
  #solved: Promise<void> = Promise.resolve()

  #solve(): Promise<void> {
    this.#solving?.abort()
    const { signal } = (this.#solving = new AbortController())
    const [photo, view] = [this.#photo, this.#state.view]
    const { aspect, contain } = this.#frame()
    this.#solved = (async () => {
      try {
        const solved = await photo?.solve(view, aspect, contain, { signal })
        if (!signal.aborted) this.#change({ solved, error: undefined })
      } catch (error) {
        if (!signal.aborted) this.#change({ error })
      }
    })()
    return this.#solved
  }

  #frame(): { aspect: [number, number]; contain: boolean } {
    const [{ width, height }] = this.#options.outputs as [OutputSpec]
    return { aspect: [width, height], contain: this.#options.background !== undefined }
  }

  #replace(photo: Photo | undefined, state: CropState): void {
    this.#solving?.abort()
    const [old, proxy] = [this.#photo, this.#state.proxy]
    this.#photo = photo
    this.#change(state)
    // Behind the change: whoever draws has heard of it.
    proxy?.close()
    void old?.close()
  }

  #change(change: Partial<CropState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

function checked(options: CropOptions): CropOptions {
  if (Array.isArray(options?.outputs) && options.outputs.length > 0) return options
  const detail = 'Say what to make: { outputs: [{ name: "main", width: 512, height: 512, format: "jpeg" }] }.'
  throw invalidOption(detail, 'outputs', '1 or more outputs', options?.outputs)
}
