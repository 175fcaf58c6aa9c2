/**
 * The element itself: joins the editor, the view of it and the form. custom-elements.json lists the element's attributes,
 * properties, events, slots, parts and custom properties; a test holds it equal to the code.
 */

import { Truecrop, sharedTruecrop } from '../client/index.js'
import type { Result } from '../client/index.js'
import type { TruecropError } from '../client/error.js'
import type { Crop, Facts, Flip, Recipe, View } from '../protocol.js'
import { PROPERTIES, parseChoice, parseRotate } from './attributes.js'
import { Editor, type EditorState, INITIAL_VIEW } from './editor.js'
import { ElementView } from './element-view.js'
import { listenForFiles } from './file-picker.js'
import { type SavedState, parseSavedState, setFormValue, setValidity } from './form.js'
import { isView } from './geometry.js'
import { listenForGestures } from './gestures.js'
import { type Labels, english } from './labels.js'
import { Navigation } from './navigation.js'
import { type ElementOptions, type OutputOptions, parseOptions } from './options.js'
import { AttributeProperties, applyEarlyProperties, getChoice, setText } from './properties.js'
import type { Box } from './stage.js'

export interface TrueCropEvents {
  /** The photo is open and can be moved. */
  ready: CustomEvent<Facts>
  /** The photo was moved. */
  input: CustomEvent<{ view: View; crop: Crop }>
  /** The exact picture is rendered and in the form's data. */
  change: CustomEvent<{ view: View; recipe: Recipe; result: Result }>
  /** How far the opening or rendering is; `done` is 0 to 1. */
  progress: CustomEvent<{ stage: 'opening' | 'rendering'; done: number }>
  /** The photo could not be opened or rendered, or an attribute was not understood. */
  error: CustomEvent<TruecropError>
}

/** Pixels of the proxy's longer side: enough for a sharp stage, few enough for 60 frames a second. */
const [MIN_PROXY_SIDE, MAX_PROXY_SIDE] = [1024, 2048]

/** A form control: a person chooses a photo and moves it under a frame, and the form gets the picture and its receipt. */
export class TrueCrop extends AttributeProperties {
  static readonly observedAttributes = [
    'aspect',
    'width',
    'height',
    'format',
    'quality',
    'max-bytes',
    'background',
    'name',
    'max-zoom',
    'wheel',
    'touch',
    'controls',
    'required',
    'rotate',
    'flip',
  ]

  readonly #elementView: ElementView
  readonly #editor: Editor
  readonly #navigation: Navigation
  #labels: Labels = english
  #outputs: readonly OutputOptions[] | undefined
  #options: ElementOptions | undefined
  #client: Truecrop | undefined
  #listeners: AbortController | undefined
  #animationFrame = 0
  /** Whether a change of an attribute matters now. Attributes that change earlier are read when the element is connected. */
  #readsAttributes = false
  #detachedPhoto: { file: File; view: View } | undefined
  #savedState: SavedState | undefined
  #pendingView: View | undefined

  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true })
    this.#editor = new Editor({
      options: () => this.#getOptions(),
      client: () => this.#getClient(),
      proxySide: () => Math.min(MAX_PROXY_SIDE, Math.max(MIN_PROXY_SIDE, this.#elementView.stage.longerSide * 2)),
      update: () => this.#update(),
      onOpen: (facts) => this.#onOpen(facts),
      onProgress: (stage, done) => this.#onProgress(stage, done),
      onResult: (result) => void this.#onResult(result),
      onError: (error) => this.#emit('error', error),
    })
    const box = (): Box => this.#elementView.stage.box
    this.#navigation = new Navigation(
      this.#editor,
      () => this.#getOptions(),
      box,
      () => this.#initialView(),
      () => this.#onMove(),
    )
    this.#elementView = new ElementView(root, this.ownerDocument, {
      act: (action, big) => this.#navigation.act(action, big),
      zoomTo: (zoom) => this.#navigation.zoomTo(zoom),
      replace: () => this.#elementView.picker.openDialog(),
      onFile: (file) => void this.open(file),
    })
    this.#elementView.setLabels(this.#labels)
  }

  /**
   * Opens a photo as if the person had chosen it. Resolves when the photo can be moved, or has failed: see the `error` event.
   * `view` is its first view.
   */
  open(file: File, view?: View): Promise<void> {
    const saved = this.#savedState
    const isSaved = saved?.name === file.name && saved.bytes === file.size
    const start = view ?? this.#pendingView ?? (isSaved ? saved.view : this.#initialView())
    this.#pendingView = this.#savedState = undefined
    return this.#editor.open(file, start)
  }

  /** The photo's file. Setting it opens the photo; `null` empties the element. */
  get file(): File | null {
    return this.#editor.file ?? this.#detachedPhoto?.file ?? null
  }
  set file(file: File | null) {
    if (file) void this.open(file)
    else this.#editor.close()
  }

  /**
   * Where the photo is under the frame. The same view always gives the same crop, whatever the element's size. A view that
   * is set before a photo is open is the first view of the next photo.
   */
  get view(): View | undefined {
    return this.#editor.solved?.view
  }
  set view(view: View | undefined) {
    if (view !== undefined && !isView(view))
      throw new TypeError('view must be {zoom, center: {x, y}, rotate, flip} with finite numbers and a zoom above 0')
    if (!this.#editor.solved) this.#pendingView = view
    else this.#navigation.moveTo(view ?? this.#initialView())
  }

  /**
   * Degrees clockwise. The attribute is the rotation that a photo starts with, as the attribute `value` of an
   * `HTMLInputElement` is its first value. While a photo is open the property is its rotation, and setting it leaves the
   * attribute as it is; before that it reflects the attribute.
   */
  get rotate(): number {
    return this.#currentView().rotate
  }
  set rotate(degrees: number | null | undefined) {
    if (!Number.isFinite(Number(degrees ?? 0))) throw new TypeError('rotate must be a finite number')
    if (this.#editor.solved) this.#navigation.rotateTo(Number(degrees ?? 0))
    else setText(this, 'rotate', degrees)
  }

  /** Mirrors the photo; applied before the rotation. Reflects the attribute in the same way as {@link rotate}. */
  get flip(): Flip {
    return this.#currentView().flip
  }
  set flip(flip: Flip | null | undefined) {
    if (this.#editor.solved) this.#navigation.moveTo({ ...this.#editor.wanted, flip: parseChoice('flip', flip ?? '') ?? 'none' })
    else setText(this, 'flip', flip)
  }

  /** Several outputs of one crop, in place of the one that the attributes describe. */
  get outputs(): readonly OutputOptions[] | undefined {
    return this.#outputs
  }
  set outputs(outputs: readonly OutputOptions[] | undefined) {
    this.#outputs = outputs
    this.#optionsChanged()
  }

  /** What the file's headers say. */
  get facts(): Facts | undefined {
    return this.#editor.facts
  }

  /** The recipe of what is shown now. */
  get recipe(): Recipe | undefined {
    return this.#editor.recipe()
  }

  /** The exact picture and its receipt; undefined while the photo moves and until it is rendered. */
  get result(): Result | undefined {
    return this.#editor.result
  }

  /** What the element is doing. */
  get state(): EditorState {
    return this.#editor.state
  }

  /** The texts that the element shows, for other languages. Missing ones stay English. */
  get labels(): Labels {
    return this.#labels
  }
  set labels(labels: Partial<Labels>) {
    this.#labels = { ...english, ...labels }
    this.#elementView.setLabels(this.#labels)
    this.#update()
  }

  /** A worker of your own in place of the page's shared one. Set it before the first photo is opened. */
  set client(client: Truecrop) {
    this.#client = client
  }

  connectedCallback(): void {
    const { signal } = (this.#listeners = new AbortController())
    const enabled = (): boolean => !this.isDisabled
    listenForGestures(
      this.#elementView.stage.root,
      this.#navigation,
      { wheel: () => this.#getOptions().wheel, touch: () => this.#getOptions().touch },
      signal,
    )
    listenForFiles(
      this,
      (over) => this.#elementView.setDragOver(over),
      enabled,
      (file) => void this.open(file),
      signal,
    )
    const sizes = new ResizeObserver(() => this.#redraw())
    sizes.observe(this.#elementView.stage.root)
    signal.addEventListener('abort', () => sizes.disconnect())
    if (this.#detachedPhoto) void this.#editor.open(this.#detachedPhoto.file, this.#detachedPhoto.view)
    this.#detachedPhoto = undefined
    try {
      // In this order: a view is the first one of the file that is set after it.
      applyEarlyProperties(this, ['client', 'labels', ...Object.values(PROPERTIES), 'outputs', 'view', 'file'])
    } finally {
      this.#readsAttributes = true
      this.#optionsChanged()
    }
  }

  disconnectedCallback(): void {
    this.#readsAttributes = false
    this.#listeners?.abort()
    // Moving the element within the page disconnects it and connects it again at once: only a removal releases the memory.
    queueMicrotask(() => {
      const { file, wanted } = this.#editor
      if (this.isConnected || !file) return
      this.#editor.close()
      this.#detachedPhoto = { file, view: wanted }
    })
  }

  attributeChangedCallback(name: string, former: string | null, value: string | null): void {
    if (name === 'rotate' && this.#editor.solved) this.#navigation.rotateTo(parseRotate(value) ?? 0)
    else if (name === 'flip' && this.#editor.solved)
      this.#navigation.moveTo({ ...this.#editor.wanted, flip: getChoice(this, 'flip') })
    else if (this.#readsAttributes && value !== former) this.#optionsChanged()
  }

  formDisabledCallback(): void {
    this.#update()
  }

  formResetCallback(): void {
    this.#editor.close()
  }

  formStateRestoreCallback(state: unknown): void {
    this.#savedState = parseSavedState(state)
  }

  /** Read again for every photo, so that a changed address counts from the next one on. */
  #getClient(): Truecrop {
    const addresses = [this.workerUrl, this.wasmUrl, this.jpegWasmUrl, this.allWasmUrl]
    const [workerUrl, wasmUrl, jpegWasmUrl, allWasmUrl] = addresses.map((url) => url || undefined)
    return this.#client ?? sharedTruecrop({ workerUrl, wasmUrl, jpegWasmUrl, allWasmUrl })
  }

  /** The view that the person wants; when no photo is open, the one that the next photo starts with. */
  #currentView(): View {
    return this.#editor.solved ? this.#editor.wanted : this.#initialView()
  }

  #initialView(): View {
    const rotate = parseRotate(this.getAttribute('rotate')) ?? 0
    return { ...INITIAL_VIEW, rotate, flip: getChoice(this, 'flip') }
  }

  #getOptions(): ElementOptions {
    this.#options ??= parseOptions((attribute) => this.getAttribute(attribute), this.#outputs)
    return this.#options
  }

  #optionsChanged(): void {
    this.#options = undefined
    for (const error of this.#getOptions().errors) this.#emit('error', error)
    this.#elementView.stage.hideExact()
    this.#editor.refresh()
    this.#update()
  }

  #onOpen(facts: Facts): void {
    this.#elementView.announce(this.#labels.ready)
    this.#emit('ready', facts)
  }

  #onProgress(stage: 'opening' | 'rendering', done: number): void {
    this.#elementView.showProgress(done)
    this.#emit('progress', { stage, done })
  }

  #onMove(): void {
    this.#elementView.stage.hideExact()
    const { solved } = this.#editor
    if (solved) this.#emit('input', { view: solved.view, crop: solved.crop })
  }

  async #onResult(result: Result): Promise<void> {
    const { solved, facts } = this.#editor
    const recipe = this.#editor.recipe()
    if (!solved || !facts || !recipe) return
    const percent = (part: number, whole: number): number => Math.round((part / whole) * 100)
    const { crop, view } = solved
    this.#elementView.announce(
      this.#labels.position(percent(crop.x, facts.width), percent(crop.y, facts.height), Math.round(view.zoom * 100)),
    )
    this.#emit('change', { view, recipe, result })
    const picture = result.outputs[0]
    if (picture && (await this.#elementView.stage.showExact(picture, this.#labels.result))) this.#redraw()
  }

  #update(): void {
    const { state, result, file, solved, error } = this.#editor
    this.#elementView.update(this.#editor, this.#getOptions(), this.#labels, this.isDisabled)
    if (!result) this.#elementView.stage.hideExact()
    if (state === 'opening') this.#elementView.announce(this.#labels.opening)
    const saved = file && solved && { name: file.name, bytes: file.size, view: solved.view }
    setFormValue(this.internals, result, saved)
    setValidity(this.internals, this.#labels, {
      state,
      required: this.required,
      message: error?.message,
      anchor: this.#elementView.anchor,
    })
    this.#redraw()
  }

  /** Draws once in the next animation frame, however often it is called. */
  #redraw(): void {
    if (this.#animationFrame) return
    this.#animationFrame = requestAnimationFrame(() => {
      this.#animationFrame = 0
      const { proxy, facts, solved } = this.#editor
      const { aspect, background } = this.#getOptions()
      this.#elementView.stage.layout(aspect)
      this.#elementView.stage.draw(proxy, facts, solved, background)
    })
  }

  #emit<T extends keyof TrueCropEvents>(type: T, detail: TrueCropEvents[T]['detail']): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }))
  }
}

export interface TrueCrop {
  addEventListener<T extends keyof TrueCropEvents>(
    type: T,
    listener: (this: TrueCrop, event: TrueCropEvents[T]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void
  removeEventListener<T extends keyof TrueCropEvents>(
    type: T,
    listener: (this: TrueCrop, event: TrueCropEvents[T]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void
}

declare global {
  interface HTMLElementTagNameMap {
    'true-crop': TrueCrop
  }
}
