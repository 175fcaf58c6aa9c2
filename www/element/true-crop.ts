/**
 * The element itself: joins the editor, the view of it and the form. custom-elements.json lists the element's attributes,
 * properties, events, slots, parts and custom properties; a test holds it equal to the code.
 */

import { ADDRESSES, Truecrop, sharedTruecrop } from '../client/index.js'
import type { Result } from '../client/index.js'
import { type TruecropError, invalidOption } from '../client/error.js'
import type { Facts, Recipe, View } from '../protocol.js'
import { PROPERTIES, parseRotate, parseUrl, typeRefusal } from './attributes.js'
import { Editor, type FileSource, type Made } from './editing/editor.js'
import { type Placement, parseShape } from './editing/frame.js'
import { ElementView } from './screen/element-view.js'
import type { TrueCropEvents } from './events.js'
import { listenForFiles } from './picking/file-picker.js'
import { type Kept, setValidity, toSaved } from './form.js'
import type { Size } from './editing/geometry.js'
import type { Texts } from './languages/table.js'
import type { Bounds } from './editing/limits.js'
import { Navigation } from './editing/navigation.js'
import { type ElementOptions, type OutputOptions, checkOutputs, parseOptions, resolveBackground, warnOnce } from './options.js'
import { applyEarlyProperties, getChoice } from './properties.js'
import { type PhotoSource, isPhotoSource, loadAddress, toFile } from './picking/source.js'
import { Speech, checkLabels } from './languages/speech.js'
import { CropProperties } from './crop-properties.js'
import { checkView } from './view-properties.js'

export type { TrueCropEvents } from './events.js'

/** Pixels of the proxy's longer side: enough for a sharp stage, few enough for 60 frames a second. */
const [MIN_PROXY_SIDE, MAX_PROXY_SIDE] = [1024, 2048]

/** Attributes that change nothing in the picture. */
const NOT_RENDERED = [
  'name',
  'src',
  'shape',
  'wheel',
  'touch',
  'controls',
  'fallback',
  'decoders',
  'accept',
  'capture',
  'required',
  'straighten',
  'limits',
  'policy',
]

/** A form control: a person chooses a photo and moves it under a frame, and the form gets the picture and its receipt. */
export class TrueCrop extends CropProperties {
  /** What is read when it is needed (`disabled`, and the addresses) is not observed. */
  static readonly observedAttributes = Object.keys(PROPERTIES).filter((name) => !/^disabled$|-url$/.test(name))

  protected readonly editor: Editor
  protected readonly navigation: Navigation
  readonly #elementView: ElementView
  readonly #speech = new Speech(this, () => this.#onSpeech())
  #outputs: readonly OutputOptions[] | undefined
  #options: ElementOptions | undefined
  /** What the server takes, where the page asks for it. */
  #bounds: Bounds | undefined
  #client: Truecrop | undefined
  #listeners: AbortController | undefined
  #animationFrame = 0
  /** Whether a change of an attribute matters now. Attributes that change earlier are read when the element is connected. */
  #readsAttributes = false
  #hasPhoto = false
  /** Of an element that is out of the page: the file that was open, and what was there. */
  #detached: { file: File; kept: Kept[] } | undefined
  /** Whether the photo is the one that `src` names. */
  #isFromSrc = false

  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true })
    this.editor = new Editor({
      options: () => this.options(),
      client: () => this.#getClient(),
      proxySide: () => Math.min(MAX_PROXY_SIDE, Math.max(MIN_PROXY_SIDE, this.#elementView.stage.longerSide * 2)),
      firstPlacement: (file, size) => this.#firstPlacement(file, size),
      onBounds: (bounds) => {
        this.#bounds = bounds
        this.#options = undefined
      },
      update: () => this.update(),
      loaded: () => this.#elementView.loaded(),
      afterFrame: (run) => requestAnimationFrame(() => requestAnimationFrame(run)),
      onOpen: (facts) => this.#onOpen(facts),
      onProgress: (stage, done) => this.#onProgress(stage, done),
      onResult: (result) => void this.#onResult(result),
      onError: (error) => this.#onError(error),
    })
    this.navigation = new Navigation(this.editor, {
      enabled: () => !this.isDisabled,
      options: () => this.options(),
      initialView: () => this.initialView(),
      onMove: () => this.#onMove(),
    })
    this.#elementView = new ElementView(root, {
      element: this,
      document: this.ownerDocument,
      editor: this.editor,
      navigation: this.navigation,
      options: () => this.options(),
      words: () => this.#speech.words,
      redraw: () => this.#redraw(),
      crops: () => this.severalCrops,
      photos: () => this.severalPhotos,
      onMade: (made, last) => this.onMade(made, last),
      onFiles: (files) => void this.take(files),
      onError: (error) => this.#onError(error),
    })
    this.#elementView.setWords(this.#speech)
  }

  /**
   * Opens a photo as if the person had chosen it: a file, a blob, or an address. The photo that is open now stays until the new
   * one can be moved. Resolves at that moment, or when the photo has failed: see the `truecrop-error` event. `view` is its first
   * view. Rejects when `source` is none of these.
   */
  async open(source: PhotoSource, view?: View): Promise<void> {
    if (!isPhotoSource(source)) {
      const expected = 'a File, a Blob, a URL, or the text of an address'
      throw invalidOption(`open() takes ${expected}.`, 'source', expected, String(source))
    }
    checkView(view)
    this.#isFromSrc = false
    const load: FileSource = source instanceof Blob ? toFile(source) : (signal) => loadAddress(source, this.baseURI, signal)
    return this.editor.open(load, view)
  }

  /** The photo's file. Setting it opens the photo; `null` empties the element. */
  get file(): File | null {
    return this.editor.file ?? this.#detached?.file ?? null
  }
  set file(file: File | Blob | null | undefined) {
    if (file instanceof Blob) void this.open(file)
    else if (file) throw typeRefusal('file must be a File, a Blob or null', file)
    else this.editor.close()
  }

  /** Several outputs of one crop, in place of the one that the attributes describe. */
  get outputs(): readonly OutputOptions[] | undefined {
    return this.#outputs
  }
  set outputs(outputs: readonly OutputOptions[] | undefined) {
    checkOutputs(outputs)
    this.#outputs = outputs ?? undefined
    this.optionsChanged()
  }

  /** What the file's headers say. */
  get facts(): Facts | undefined {
    return this.editor.facts
  }

  /** The recipe of what is shown now. */
  get recipe(): Recipe | undefined {
    return this.editor.recipe()
  }

  /** The exact picture and its receipt; undefined while the photo moves and until it is rendered. */
  get result(): Result | undefined {
    return this.editor.result
  }

  /**
   * The texts that the element shows, in the language of the nearest `lang`. Setting it puts single texts in their place, also
   * the sentences about errors (see `truecrop/languages`); what is not set stays.
   */
  get labels(): Texts {
    return this.#speech.words?.labels ?? this.#speech.first
  }
  set labels(labels: Texts) {
    checkLabels(labels)
    this.#speech.override(labels)
  }

  /** A worker of your own in place of the page's shared one. Set it before the first photo is opened. */
  set client(client: Truecrop) {
    if (typeof client?.open !== 'function') throw typeRefusal('client must be a Truecrop', client)
    this.#client = client
  }

  connectedCallback(): void {
    this.#listen()
    if (this.#detached) this.putBack(this.#detached.file, this.#detached.kept)
    this.#detached = undefined
    try {
      // In this order: a view is the first one of the file that is set after it.
      applyEarlyProperties(this, ['client', 'labels', ...Object.values(PROPERTIES), 'outputs', 'crops', 'view', 'frame', 'file'])
    } finally {
      this.#readsAttributes = true
      this.optionsChanged()
      if (this.editor.state === 'empty') this.#openSrc()
    }
  }

  disconnectedCallback(): void {
    this.#readsAttributes = false
    this.#listeners?.abort()
    // Moving the element within the page disconnects it and connects it again at once: only a removal releases the memory.
    queueMicrotask(() => {
      const { file } = this.editor
      if (this.isConnected || !file) return
      const kept = this.kept.slice()
      this.editor.close()
      this.#detached = { file, kept }
    })
  }

  attributeChangedCallback(name: string, former: string | null, value: string | null): void {
    if (!this.#readsAttributes) return
    this.#options = undefined
    const { solved, wanted } = this.editor
    if (name === 'rotate' && solved) this.navigation.rotateTo(parseRotate(value) ?? 0)
    else if (name === 'flip' && solved) this.navigation.moveTo({ ...wanted, flip: getChoice(this, 'flip') })
    else if (value !== former && !NOT_RENDERED.includes(name)) this.optionsChanged()
    else this.update()
    if (name === 'src' && value !== former) this.#openSrc()
  }

  formDisabledCallback(): void {
    this.update()
  }

  formResetCallback(): void {
    this.saved = []
    this.editor.close()
    this.#openSrc()
  }

  #listen(): void {
    const { signal } = (this.#listeners = new AbortController())
    this.#speech.listen(signal)
    const { stage, picker } = this.#elementView
    const host = {
      enabled: () => !this.isDisabled,
      onDragOver: (over: boolean) => this.#elementView.setDragOver(over),
      onSoon: () => {
        this.#elementView.prepare(this.#speech)
        if (/jpe?g|\/\*/.test(picker.input.accept)) void this.#getClient().warm()
      },
      onFiles: (files: File[]) => void this.take(files),
    }
    listenForFiles(this, picker, host, signal)
    const sizes = new ResizeObserver(() => this.#redraw())
    sizes.observe(stage.root)
    signal.addEventListener('abort', () => sizes.disconnect())
  }

  /** Opens the photo that the attribute `src` names. Without one, the photo that it named is closed. */
  #openSrc(): void {
    const address = parseUrl(this.getAttribute('src'))
    if (address) void this.open(address)
    else if (this.#isFromSrc) this.editor.close()
    this.#isFromSrc = address !== undefined
  }

  /** Where a photo is at first: the view that was set, else the one that was saved for this file. */
  #firstPlacement(file: File, size: Size): Placement {
    const saved = this.savedOf(file)
    const text = this.pendingFrame ?? saved?.frame
    const shape = text ? parseShape(this.options(), text, [size.width, size.height]) : undefined
    return { view: this.pendingView ?? saved?.view ?? this.initialView(), shape }
  }

  /** Read again for every photo, so that a changed address counts from the next one on. */
  #getClient(): Truecrop {
    const addresses = Object.fromEntries(ADDRESSES.map((name) => [name, this[name] || undefined]))
    return this.#client ?? sharedTruecrop({ ...addresses, decoders: this.decoders })
  }

  protected options(): ElementOptions {
    if (!this.#options) {
      this.#options = this.optionsFor(this.activeCrop?.outputs)
      if (this.#readsAttributes) this.#options.complaints.forEach(warnOnce)
    }
    return this.#options
  }

  protected optionsChanged(): void {
    this.#options = undefined
    this.#elementView.stage.hideExact()
    this.editor.refresh()
    this.update()
  }

  protected optionsFor(crop: readonly OutputOptions[] | undefined): ElementOptions {
    // Each crop has the shape of its outputs.
    const read = (attribute: string): string | null => (crop && attribute === 'aspects' ? null : this.getAttribute(attribute))
    const options = parseOptions(read, crop ?? this.#outputs)
    return this.#bounds?.guide(options) ?? options
  }

  protected onOtherMade(crop: string, { framed, recipe, result }: Made): void {
    this.update()
    this.#emit('change', { view: framed.solved.view, recipe, result, crop })
  }

  #onOpen(facts: Facts): void {
    this.pendingView = this.pendingFrame = undefined
    // The others may be chosen again too.
    if (!this.severalPhotos) this.saved = []
    this.navigation.restart()
    this.#elementView.announce(this.#speech.words?.labels.ready)
    this.#emit('ready', facts)
  }

  #onError(error: TruecropError): void {
    // The person is told what they can do. Why it happened is for the page's developer.
    if (error.fault === 'caller' || ['engine-unavailable', 'internal'].includes(error.code)) warnOnce(error.message)
    this.#emit('truecrop-error', error)
  }

  #onProgress(stage: 'opening' | 'rendering', done: number): void {
    this.#elementView.showProgress(done)
    this.#emit('progress', { stage, done })
  }

  #onMove(): void {
    this.#elementView.stage.hideExact()
    const { solved } = this.editor
    if (solved) this.#emit('input', { view: solved.view, crop: solved.crop })
  }

  async #onResult(result: Result): Promise<void> {
    const { solved, facts } = this.editor
    const recipe = this.editor.recipe()
    if (!solved || !facts || !recipe) return
    const { view } = solved
    const { words } = this.#speech
    const size = typeof this.editor.shape === 'number' ? this.editor.aspect : undefined
    this.#elementView.announce(words?.position(solved, facts, size))
    this.#emit('change', { view, recipe, result, ...(this.crop && { crop: this.crop }) })
    const picture = result.outputs[0]
    if (picture && (await this.#elementView.stage.showExact(picture, this.#speech.words?.labels.result ?? ''))) this.#redraw()
  }

  protected update(): void {
    const hadPhoto = this.#hasPhoto
    this.#hasPhoto = this.editor.facts !== undefined
    // One that is taken out of the page keeps its photo for the time when it is put back.
    const isGone = hadPhoto && !this.#hasPhoto && this.isConnected
    if (isGone) this.saved = []
    const { words, first } = this.#speech
    const restored = this.saved.map(({ name }) => name)
    if (this.state !== 'empty' || restored[0]) this.#speech.need()
    this.#elementView.update(this.editor, this.options(), this.#speech, this.isDisabled, restored, this.otherFrames)
    // Only now: another crop that was chosen has changed them meanwhile.
    const { state, editor } = this
    const { result, file, error, refusal } = editor
    const failure = error ?? refusal
    if (!result) this.#elementView.stage.hideExact()
    if (state === 'opening') this.#elementView.announce(words?.say(words.labels.opening, { name: file?.name ?? '' }))
    this.setFormValue(this.allResults, [...this.kept.map(toSaved), ...this.saved])
    setValidity(this.internals, first, {
      state,
      required: this.required,
      message: failure && words?.explain(failure),
      tooFew: this.#elementView.tooFew,
      anchor: this.#elementView.anchor,
    })
    this.#redraw()
    if (isGone) this.#emit('empty', undefined)
  }

  /** The texts are in another language now. */
  #onSpeech(): void {
    this.#elementView.setWords(this.#speech)
    this.update()
  }

  /** Draws once in the next animation frame, however often it is called. */
  #redraw(): void {
    if (this.#animationFrame) return
    this.#animationFrame = requestAnimationFrame(() => {
      this.#animationFrame = 0
      const { proxy, facts, solved } = this.editor
      const options = this.options()
      this.#elementView.stage.layout(this.editor.aspect, typeof this.editor.shape === 'number')
      this.#elementView.stage.draw(proxy, facts, solved, {
        background: facts && resolveBackground(options, facts),
        isRound: options.shape === 'round',
      })
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
