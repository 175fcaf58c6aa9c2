/**
 * The life of one picked photo: it is opened, moved under the frame, and rendered exactly after each move. Keeps the
 * view that the person wants, unrounded, and solves it for display: rounding errors cannot add up. Uses no DOM.
 */

import type { Result, Truecrop } from '../../client/index.js'
import { TruecropError } from '../../client/error.js'
import type { Facts, Ignored, Recipe, Solved, View } from '../../protocol.js'
import { type Framed, type Placement, type Shape, bounded, frame, offeredShape } from './frame.js'
import type { Aspect, Size } from './geometry.js'
import type { Bounds } from './limits.js'
import { openPhoto } from './open-photo.js'
import type { OpenPhoto } from './photo.js'
import { type ElementOptions, resolveBackground, resolveOutputs } from '../options.js'

export type EditorState = 'empty' | 'opening' | 'moving' | 'rendering' | 'ready' | 'failed'

/** What the editor needs from its element. */
export interface EditorHost {
  options(): ElementOptions
  client(): Truecrop
  /** Pixels of the proxy's longer side. */
  proxySide(): number
  /** Where a photo that is open now is at first. */
  firstPlacement(file: File, size: Size): Placement
  /** What the server takes is known, for the photo that is being opened. */
  onBounds(bounds: Bounds | undefined): void
  /** Something that is shown has changed. */
  update(): void
  /** Resolves when everything that a photo needs on the page is loaded. */
  loaded(): Promise<void>
  /** Calls a function when the frame after the next one is drawn. */
  afterFrame(run: () => void): void
  /** The photo is open and can be moved. */
  onOpen(facts: Facts): void
  onProgress(stage: 'opening' | 'rendering', done: number): void
  /** The exact result is ready. */
  onResult(result: Result): void
  onError(error: TruecropError): void
}

/** A photo's file, or a function that loads it. */
export type FileSource = File | ((signal: AbortSignal) => Promise<File>)

/** The view of a photo that has not been moved. */
export const INITIAL_VIEW: View = { zoom: 1, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }

/** A photo that is being opened. Until it is open the photo before it stays as it is. */
interface Opening {
  control: AbortController
  file: File | undefined
  /** The engine has its header. */
  photo?: OpenPhoto
  /** Its first view, where that was given. */
  view: View | undefined
}

export class Editor {
  readonly #host: EditorHost
  #wanted: View = INITIAL_VIEW
  #shape: Shape | undefined
  #framed: Framed | undefined
  /** What a photo that is being opened will show first. */
  #first: Framed | undefined
  #photo: OpenPhoto | undefined
  #file: File | undefined
  #opening: Opening | undefined
  #rendering = new AbortController()
  /** Counts what a render would depend on: one that was scheduled before the last change does not start. */
  #changes = 0
  /** The state of the photo that is open. */
  #photoState: Exclude<EditorState, 'opening'> = 'empty'

  facts: Facts | undefined
  proxy: ImageBitmap | undefined
  result: Result | undefined
  /** Why no picture can be made of the photo that is open. */
  error: TruecropError | undefined
  /** Why the last file could not be opened. The photo before it, if there was one, is still open. */
  refusal: TruecropError | undefined

  /** What the photo holds and the picture does not show, as the last receipt says. */
  ignored: readonly Ignored[] | undefined

  constructor(host: EditorHost) {
    this.#host = host
  }

  get state(): EditorState {
    return this.#opening ? 'opening' : this.#photoState
  }

  /** The file that is open or, where one is being opened, that one. */
  get file(): File | undefined {
    return this.#opening?.file ?? this.#file
  }

  /** The photo that is being opened, as soon as its header is read. */
  get coming(): OpenPhoto | undefined {
    return this.#opening?.photo
  }

  /** The view that the person wants, not yet brought within its bounds. */
  get wanted(): View {
    return this.#wanted
  }

  /** The shape of the frame that the person wants. */
  get shape(): Shape | undefined {
    return this.#shape
  }

  /** What the person wants. */
  get placement(): Placement {
    return { view: this.#wanted, shape: this.#shape }
  }

  /** What is shown: the frame, and the view within its bounds. */
  get framed(): Framed | undefined {
    return this.#framed
  }

  get solved(): Solved | undefined {
    return this.#framed?.solved
  }

  /** Whether the server makes the pixels, because the engine cannot run. */
  get isInexact(): boolean {
    return this.#photo?.isInexact === true
  }

  /** The frame's aspect ratio. */
  get aspect(): Aspect {
    return (this.#framed ?? this.#first)?.aspect ?? this.#host.options().aspect
  }

  /** What a view would be under the frame of now. */
  preview(view: View, shape = this.#shape): Framed | undefined {
    return this.facts && frame(this.#host.options(), shape, this.facts, view)
  }

  /** What the photo that is being opened will show first, by its size. Undefined where another photo is still shown. */
  frameFirst(size: Size): Framed | undefined {
    const { file, view } = this.#opening ?? {}
    if (!file || this.#photo) return undefined
    const options = this.#host.options()
    const first = this.#host.firstPlacement(file, size)
    this.#shape = offeredShape(options, first.shape, size)
    return (this.#first = frame(options, this.#shape, size, view ?? first.view))
  }

  /** Opens a file. It takes the place of the photo that is open only once it can be moved; else that one stays. */
  async open(source: FileSource, view?: View): Promise<void> {
    this.#opening?.control.abort()
    const opening: Opening = { control: new AbortController(), file: typeof source === 'function' ? undefined : source, view }
    this.#opening = opening
    this.refusal = undefined
    if (!this.#photo) this.#clear()
    this.#host.update()
    const { signal } = opening.control
    let photo: OpenPhoto | undefined
    try {
      const file = typeof source === 'function' ? await source(signal) : source
      signal.throwIfAborted()
      opening.file = file
      photo = await this.#open(file, signal)
      signal.throwIfAborted()
      opening.photo = photo
      this.#host.update()
      const onProgress = (done: number): void => this.#host.onProgress('opening', done)
      const [proxy] = await Promise.all([photo.proxy(this.#host.proxySide(), { signal, onProgress }), this.#host.loaded()])
      if (signal.aborted) proxy.close()
      signal.throwIfAborted()
      this.#replacePhoto(photo, file, proxy, opening.view)
    } catch (error) {
      void photo?.close()
      if (!signal.aborted) this.refuse(error)
    }
  }

  #open(file: File, signal: AbortSignal): Promise<OpenPhoto> {
    const { onBounds, onError, options, client } = this.#host
    const { fallback, limits, policy } = options()
    const onFallback = fallback === 'source' ? onError : undefined
    return openPhoto(client(), file, { signal, onFallback, onBounds, limits, policy })
  }

  /** The view that the photo which is being opened starts with. Returns `false` when none is being opened. */
  setFirstView(view: View | undefined): boolean {
    if (this.#opening) this.#opening.view = view
    return this.#opening !== undefined
  }

  /** Stops opening a file; the photo before it stays. Returns `false` when none is being opened. */
  cancelOpening(): boolean {
    if (!this.#opening) return false
    this.#opening.control.abort()
    this.#opening = undefined
    this.#host.update()
    return true
  }

  /** The file of the photo that is open. */
  get openFile(): File | undefined {
    return this.#file
  }

  /** Makes another picture: of a file or, without one, of the photo that is open. */
  async makeOther(placement: Placement, options: ElementOptions, signal: AbortSignal, file?: File): Promise<Made | undefined> {
    const photo = file ? await this.#open(file, signal) : this.#photo
    try {
      return photo && (await make(photo, placement, options, signal))
    } finally {
      if (file) void photo?.close()
    }
  }

  /** Closes the photo and releases its memory. */
  close(): void {
    this.#opening?.control.abort()
    this.#opening = this.refusal = undefined
    this.#clear()
    this.#host.update()
  }

  #replacePhoto(photo: OpenPhoto, file: File, proxy: ImageBitmap, view: View | undefined): void {
    this.#clear()
    this.#opening = undefined
    this.#photo = photo
    this.#file = file
    this.facts = photo.facts
    this.proxy = proxy
    const first = this.#host.firstPlacement(file, photo.facts)
    this.#wanted = view ?? first.view
    this.#shape = first.shape
    this.#solve()
    this.#setState('moving')
    this.#host.onOpen(photo.facts)
    void this.#render()
  }

  #clear(): void {
    this.#rendering.abort()
    this.#changes += 1
    this.proxy?.close()
    void this.#photo?.close()
    this.#photo =
      this.#file =
      this.facts =
      this.proxy =
      this.#framed =
      this.#first =
      this.result =
      this.error =
      this.ignored =
        undefined
    this.#wanted = INITIAL_VIEW
    this.#photoState = 'empty'
  }

  /**
   * Moves the photo. What is shown is the view brought within its bounds. The exact picture follows at once; in a gesture, as
   * soon as a frame passes without a move.
   */
  place({ view, shape }: Placement, isGesture = false): void {
    this.#wanted = view
    this.#shape = shape
    this.refusal = undefined
    this.refresh(isGesture)
  }

  /** Solves and renders again, after a move or a change of the options. */
  refresh(isGesture = false): void {
    if (!this.facts || !this.proxy) return
    this.#solve()
    this.#rendering.abort()
    this.result = undefined
    this.#setState('moving')
    const change = ++this.#changes
    const start = (): void => void (change === this.#changes && this.#render())
    // Several changes at once are one render. A render that is overtaken by the next move is aborted.
    if (isGesture) this.#host.afterFrame(start)
    else queueMicrotask(start)
  }

  /** The recipe of what is shown now. */
  recipe(): Recipe | undefined {
    return this.#framed && this.facts && buildRecipe(this.#framed, this.facts, this.#host.options())
  }

  #solve(): void {
    if (this.facts) this.#shape = offeredShape(this.#host.options(), this.#shape, this.facts)
    this.#framed = this.preview(this.#wanted)
    const most = this.solved?.zoom.greatest ?? Number.POSITIVE_INFINITY
    if (this.#wanted.zoom > most) this.#wanted = { ...this.#wanted, zoom: most }
  }

  async #render(): Promise<void> {
    const photo = this.#photo
    if (!photo || !this.#framed) return
    this.#rendering.abort()
    const { signal } = (this.#rendering = new AbortController())
    const options = this.#host.options()
    // The same is shown for both: not worth an update for each move.
    this.#photoState = 'rendering'
    try {
      const onProgress = (done: number): void => this.#host.onProgress('rendering', done)
      const { framed, result } = await make(photo, this.placement, options, signal, onProgress)
      if (signal.aborted) return
      this.#framed = framed
      this.result = result
      this.ignored = result.ignored
      this.error = undefined
      this.#setState('ready')
      this.#host.onResult(result)
    } catch (error) {
      this.fail(error, signal)
    }
  }

  #setState(state: Exclude<EditorState, 'opening'>): void {
    this.#photoState = state
    this.#host.update()
  }

  /** A file cannot be used; the photo that is open stays. */
  refuse(error: unknown): void {
    this.#opening = undefined
    this.refusal = toTruecropError(error)
    if (this.#photo) this.#host.update()
    else this.#setState('failed')
    this.#host.onError(this.refusal)
  }

  /** No picture can be made, unless that was aborted. */
  fail(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return
    this.error = toTruecropError(error)
    this.result = undefined
    this.#setState('failed')
    this.#host.onError(this.error)
  }
}

/** A picture, and what it was made by. */
export interface Made {
  framed: Framed
  recipe: Recipe
  result: Result
}

/** Makes the outputs of a photo. The view is solved by the core, for whose receipt it counts. */
async function make(
  photo: OpenPhoto,
  { view: wanted, shape }: Placement,
  options: ElementOptions,
  signal: AbortSignal,
  onProgress?: (done: number) => void,
): Promise<Made> {
  const { facts } = photo
  const rough = frame(options, offeredShape(options, shape, facts), facts, wanted)
  const [width, height] = rough.aspect
  const { crop, view } = await photo.solve(bounded(options, wanted), [width, height], options.background !== undefined, {
    signal,
  })
  const framed = { ...rough, solved: { crop, view, zoom: rough.solved.zoom } }
  const recipe = buildRecipe(framed, facts, options)
  return { framed, recipe, result: await photo.render(recipe, { signal, onProgress }) }
}

function buildRecipe({ solved, outputs: wanted }: Framed, facts: Facts, options: ElementOptions): Recipe {
  const { rotate, flip } = solved.view
  const background = resolveBackground(options, facts)
  const outputs = resolveOutputs({ ...options, outputs: wanted }, facts)
  return { truecrop: 1, crop: solved.crop, rotate, flip, ...(background !== undefined && { background }), outputs }
}

function toTruecropError(error: unknown): TruecropError {
  if (error instanceof TruecropError) return error
  const detail = error instanceof Error ? error.message : String(error)
  return new TruecropError({ code: 'internal', fault: 'environment', detail })
}
