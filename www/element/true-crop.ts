/**
 * `<true-crop>`: pick a photo, move it under a frame, and the form gets the picture and its receipt.
 *
 * @attr aspect - the frame's shape, `16:9`; 1:1 when missing
 * @attr width, height - the output's size; they win over `aspect`
 * @attr format - `auto` (JPEG, or PNG where the source may be transparent), `jpeg`, `png`, `webp`
 * @attr quality - of JPEG, 1 to 100
 * @attr max-bytes - most bytes of the output; a JPEG takes a lower quality for it
 * @attr background - `#rrggbb` or `transparent`: the photo may then be smaller than the frame
 * @attr name - of the output and of its part in the form's data; `main` when missing
 * @attr rotate, flip - where a photo starts
 * @attr max-zoom, wheel (`always` `ctrl` `focus`), touch (`stage` `page`), controls (`bar` `full` `none`)
 * @attr required, disabled, worker-url, wasm-url, jpeg-wasm-url
 * @fires ready - the photo is open and can be moved; detail: Facts
 * @fires input - it was moved; detail: `{view, crop}`
 * @fires change - the exact picture is made and in the form's data; detail: `{view, recipe, result}`
 * @fires progress - detail: `{stage, done}`
 * @fires error - detail: TruecropError
 * @csspart stage, frame, exact, controls, slider, button, empty, choose, message, busy
 * @cssprop --truecrop-accent, --truecrop-stage-aspect, --truecrop-radius, ... (styles.ts has them all)
 */

import { Truecrop, sharedTruecrop } from '../client/index.js'
import type { Result } from '../client/index.js'
import type { TruecropError } from '../client/error.js'
import type { Crop, Facts, Flip, Recipe, View } from '../protocol.js'
import { Editor, START, type State } from './editor.js'
import { Face } from './face.js'
import { FormControl, type Remembered, readRemembered, setFormValue, setValidity } from './form.js'
import { isView } from './geometry.js'
import { listen } from './gestures.js'
import { type Labels, english } from './labels.js'
import { Mover } from './mover.js'
import { type Options, type WantedOutput, readOptions } from './options.js'
import { listenForFiles } from './picker.js'
import type { Box } from './stage.js'

export interface TrueCropEvents {
  ready: CustomEvent<Facts>
  input: CustomEvent<{ view: View; crop: Crop }>
  change: CustomEvent<{ view: View; recipe: Recipe; result: Result }>
  progress: CustomEvent<{ stage: 'opening' | 'rendering'; done: number }>
  error: CustomEvent<TruecropError>
}

/** Pixels of the proxy's longer side: enough for a sharp stage, little enough for 60 frames a second. */
const [LEAST_PROXY, MOST_PROXY] = [1024, 2048]

export class TrueCrop extends FormControl {
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

  readonly #face: Face
  readonly #editor: Editor
  readonly #mover: Mover
  #labels: Labels = english
  #outputs: readonly WantedOutput[] | undefined
  #options: Options | undefined
  #client: Truecrop | undefined
  #listening: AbortController | undefined
  #frame = 0
  #parked: { file: File; view: View } | undefined
  #remembered: Remembered | undefined
  #wish: View | undefined

  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true })
    this.#editor = new Editor({
      options: () => this.#read(),
      client: () => this.#own(),
      proxySide: () => Math.min(MOST_PROXY, Math.max(LEAST_PROXY, this.#face.stage.side * 2)),
      update: () => this.#update(),
      opened: (facts) => this.#opened(facts),
      progress: (stage, done) => this.#progress(stage, done),
      changed: (result) => void this.#changed(result),
      failed: (error) => this.#emit('error', error),
    })
    const box = (): Box => this.#face.stage.box
    this.#mover = new Mover(
      this.#editor,
      () => this.#read(),
      box,
      () => this.#start(),
      () => this.#moved(),
    )
    this.#face = new Face(root, this.ownerDocument, {
      act: (action, big) => this.#mover.act(action, big),
      zoomTo: (zoom) => this.#mover.zoomTo(zoom),
      replace: () => this.#face.picker.choose(),
      picked: (file) => void this.open(file),
    })
    this.#face.label(this.#labels)
  }

  /** Opens a photo as if it was picked; resolves when it can be moved, or has failed (see the `error` event). */
  open(file: File, view?: View): Promise<void> {
    const known = this.#remembered
    const same = known?.name === file.name && known.bytes === file.size
    const start = view ?? this.#wish ?? (same ? known.view : this.#start())
    this.#wish = this.#remembered = undefined
    return this.#editor.open(file, start)
  }

  /** The picked photo. Setting it opens it; `null` empties the element. */
  get file(): File | null {
    return this.#editor.file ?? this.#parked?.file ?? null
  }
  set file(file: File | null) {
    if (file) void this.open(file)
    else this.#editor.close()
  }

  /** Where the photo is. A saved view comes back to the same bytes, whatever the element's size. */
  get view(): View | undefined {
    return this.#editor.solved?.view
  }
  set view(view: View | undefined) {
    if (view !== undefined && !isView(view))
      throw new TypeError('view is {zoom, center: {x, y}, rotate, flip}, with finite numbers and a zoom above 0')
    if (!this.#editor.solved) this.#wish = view
    else this.#mover.want(view ?? this.#start())
  }

  /** Degrees clockwise. */
  get rotate(): number {
    return this.#editor.wanted.rotate
  }
  set rotate(degrees: number) {
    if (this.#editor.solved) this.#mover.turnTo(degrees)
    else this.setAttribute('rotate', String(degrees))
  }

  /** Mirrors, applied before the turn. */
  get flip(): Flip {
    return this.#editor.wanted.flip
  }
  set flip(flip: Flip) {
    if (this.#editor.solved) this.#mover.want({ ...this.#editor.wanted, flip })
    else this.setAttribute('flip', flip)
  }

  /** Several outputs of one crop, instead of the one that the attributes describe. */
  get outputs(): readonly WantedOutput[] | undefined {
    return this.#outputs
  }
  set outputs(outputs: readonly WantedOutput[] | undefined) {
    this.#outputs = outputs
    this.#reread()
  }

  /** What the file is. */
  get facts(): Facts | undefined {
    return this.#editor.facts
  }

  /** The recipe of what is seen now. */
  get recipe(): Recipe | undefined {
    return this.#editor.recipe()
  }

  /** The exact picture and its receipt, while they are up to date. */
  get result(): Result | undefined {
    return this.#editor.result
  }

  get state(): State {
    return this.#editor.state
  }

  /** Words in another language; what is missing stays English. */
  get labels(): Labels {
    return this.#labels
  }
  set labels(labels: Partial<Labels>) {
    this.#labels = { ...english, ...labels }
    this.#face.label(this.#labels)
    this.#update()
  }

  /** A worker of one's own, instead of the page's shared one. Set it before the first photo. */
  set client(client: Truecrop) {
    this.#client = client
  }

  connectedCallback(): void {
    const { signal } = (this.#listening = new AbortController())
    const enabled = (): boolean => !this.inactive
    listen(this.#face.stage.root, this.#mover, { wheel: () => this.#read().wheel, touch: () => this.#read().touch }, signal)
    listenForFiles(
      this,
      (is) => this.#face.over(is),
      enabled,
      (file) => void this.open(file),
      signal,
    )
    const sizes = new ResizeObserver(() => this.#redraw())
    sizes.observe(this.#face.stage.root)
    signal.addEventListener('abort', () => sizes.disconnect())
    if (this.#parked) void this.#editor.open(this.#parked.file, this.#parked.view)
    this.#parked = undefined
    this.#reread()
  }

  disconnectedCallback(): void {
    this.#listening?.abort()
    // A move within the page disconnects and connects again at once: only a real removal gives the memory back.
    queueMicrotask(() => {
      const { file, wanted } = this.#editor
      if (this.isConnected || !file) return
      this.#editor.close()
      this.#parked = { file, view: wanted }
    })
  }

  attributeChangedCallback(name: string, _: string | null, value: string | null): void {
    if (name === 'rotate' && this.#editor.solved) this.#mover.turnTo(Number(value) || 0)
    else if (name === 'flip' && this.#editor.solved) this.#mover.want({ ...this.#editor.wanted, flip: readFlip(value) })
    else if (this.isConnected) this.#reread()
  }

  formDisabledCallback(): void {
    this.#update()
  }

  formResetCallback(): void {
    this.#editor.close()
  }

  formStateRestoreCallback(state: unknown): void {
    this.#remembered = readRemembered(state)
  }

  #own(): Truecrop {
    const url = (name: string): string | undefined => this.getAttribute(`${name}-url`) ?? undefined
    const [workerUrl, wasmUrl, jpegWasmUrl] = [url('worker'), url('wasm'), url('jpeg-wasm')]
    const own = workerUrl || wasmUrl || jpegWasmUrl
    this.#client ??= own ? new Truecrop({ workerUrl, wasmUrl, jpegWasmUrl }) : sharedTruecrop()
    return this.#client
  }

  #start(): View {
    return { ...START, rotate: Number(this.getAttribute('rotate')) || 0, flip: readFlip(this.getAttribute('flip')) }
  }

  #read(): Options {
    this.#options ??= readOptions((attribute) => this.getAttribute(attribute), this.#outputs)
    return this.#options
  }

  #reread(): void {
    this.#options = undefined
    for (const fault of this.#read().faults) this.#emit('error', fault)
    this.#face.stage.hide()
    this.#editor.again()
    this.#update()
  }

  #opened(facts: Facts): void {
    this.#face.say(this.#labels.ready)
    this.#emit('ready', facts)
  }

  #progress(stage: 'opening' | 'rendering', done: number): void {
    this.#face.progress(done)
    this.#emit('progress', { stage, done })
  }

  #moved(): void {
    this.#face.stage.hide()
    const { solved } = this.#editor
    if (solved) this.#emit('input', { view: solved.view, crop: solved.crop })
  }

  async #changed(result: Result): Promise<void> {
    const { solved, facts } = this.#editor
    const recipe = this.#editor.recipe()
    if (!solved || !facts || !recipe) return
    const share = (part: number, whole: number): number => Math.round((part / whole) * 100)
    const { crop, view } = solved
    this.#face.say(this.#labels.position(share(crop.x, facts.width), share(crop.y, facts.height), Math.round(view.zoom * 100)))
    this.#emit('change', { view, recipe, result })
    const picture = result.outputs[0]
    if (picture && (await this.#face.stage.show(picture, this.#labels.result))) this.#redraw()
  }

  #update(): void {
    const { state, result, file, solved, error } = this.#editor
    this.#face.update(this.#editor, this.#read(), this.inactive)
    if (!result) this.#face.stage.hide()
    if (state === 'opening') this.#face.say(this.#labels.opening)
    const remembered = file && solved && { name: file.name, bytes: file.size, view: solved.view }
    setFormValue(this.internals, result, remembered)
    setValidity(this.internals, this.#labels, {
      state,
      required: this.required,
      message: error?.message,
      anchor: this.#face.anchor,
    })
    this.#redraw()
  }

  /** Draws once in the next frame, however often it is asked for. */
  #redraw(): void {
    if (this.#frame) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      const { proxy, facts, solved } = this.#editor
      const { aspect, background } = this.#read()
      this.#face.stage.layout(aspect)
      this.#face.stage.draw(proxy, facts, solved, background)
    })
  }

  #emit<T extends keyof TrueCropEvents>(type: T, detail: TrueCropEvents[T]['detail']): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }))
  }
}

function readFlip(text: string | null): Flip {
  return text === 'horizontal' || text === 'vertical' || text === 'both' ? text : 'none'
}

export interface TrueCrop {
  addEventListener<T extends keyof TrueCropEvents>(
    type: T,
    listener: (this: TrueCrop, event: TrueCropEvents[T]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void
}

declare global {
  interface HTMLElementTagNameMap {
    'true-crop': TrueCrop
  }
}
