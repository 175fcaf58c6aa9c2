/**
 * The element's shadow tree: built once, then updated from the editor's state.
 *
 * @csspart stage - the area in which the photo is moved
 * @csspart frame - the frame, over the photo
 * @csspart exact - the exact picture, over the frame's area once it is rendered
 * @csspart busy - the progress bar at the stage's lower edge
 * @csspart empty - the area that is shown while no photo is open
 * @csspart choose - the button that opens the file dialog
 * @csspart loading - what is shown over the stage while a file is being opened
 * @csspart first - the photo as the browser draws it, until it is open
 * @csspart cancel - the button that stops opening
 * @csspart message - the text of an error
 * @csspart note - what is said of a photo that can be used, such as a colour profile that could not be applied
 * @csspart aspects - the choice of shapes
 * @csspart crops - the choice of the crop that is moved, where there are several
 * @csspart photos - the choice of the photo that is moved, where there are several
 * @csspart add - the button that chooses further photos
 * @csspart handles - the handles of a free frame
 * @csspart handle - each of them
 * @csspart size - the output's size, while a free frame is shaped
 * @csspart warning - what is said over the photo when the picture is enlarged
 * @csspart dial - the dial that straightens the photo
 * @csspart controls - the bar under the stage
 * @csspart slider - the zoom slider
 * @csspart button - every button of the bar
 * @csspart button-in - zoom in
 * @csspart button-out - zoom out
 * @csspart button-left - move the photo left
 * @csspart button-right - move the photo right
 * @csspart button-up - move the photo up
 * @csspart button-down - move the photo down
 * @csspart button-turnleft - rotate by a quarter turn to the left
 * @csspart button-turnright - rotate by a quarter turn to the right
 * @csspart button-mirror - mirror left and right
 * @csspart button-upsidedown - mirror top and bottom
 * @csspart button-undo - take back the last step
 * @csspart button-redo - do it again
 * @csspart button-reset - go back to the first view
 * @csspart button-replace - choose another photo
 * @csspart button-remove - close the photo
 */

import type { Editor, EditorState } from '../editing/editor.js'
import { type Framed, missingSize } from '../editing/frame.js'
import { toSource } from '../editing/geometry.js'
import { drawIcon } from './icons.js'
import { type ElementOptions, resolveBackground } from '../options.js'
import type { PartHost } from '../parts/host.js'
import { Parts } from '../parts/index.js'
import { FilePicker } from '../picking/file-picker.js'
import type { Speech } from '../languages/speech.js'
import { Stage } from './stage.js'
import { styleSheet } from './styles.js'

export interface ElementViewHost extends Omit<PartHost, 'stage' | 'announce' | 'openDialog' | 'icon' | 'toSource'> {
  onFiles(files: File[]): void
}

/** States in which a picture is on its way. */
const BUSY: readonly EditorState[] = ['opening', 'moving', 'rendering']

/** Milliseconds that a text waits for the next one: while the photo moves there would be too many. */
const ANNOUNCE_MS = 300

export class ElementView {
  readonly stage: Stage
  readonly picker: FilePicker
  /** That the crop has fewer pixels than the page asks for; else the empty text. */
  tooFew = ''
  readonly #root: ShadowRoot
  readonly #wrap: HTMLElement
  readonly #shell: HTMLElement
  readonly #parts: Parts
  readonly #message: HTMLElement
  readonly #note: HTMLElement
  readonly #status: HTMLElement
  readonly #keys: HTMLElement
  readonly #busy: HTMLElement
  #announcement: ReturnType<typeof setTimeout> | undefined

  constructor(root: ShadowRoot, host: ElementViewHost) {
    const { document } = host
    root.adoptedStyleSheets = [styleSheet()]
    this.stage = new Stage(document)
    this.picker = new FilePicker(document, (files) => host.onFiles(files))
    this.#parts = new Parts(root, {
      ...host,
      stage: this.stage,
      announce: (text) => this.announce(text),
      openDialog: () => this.picker.openDialog(),
      icon: drawIcon,
      toSource,
    })
    this.#wrap = div(document, 'wrap')
    this.#message = div(document, 'message')
    this.#message.part.add('message')
    this.#message.setAttribute('role', 'alert')
    this.#note = div(document, 'note')
    this.#note.part.add('note')
    this.#note.setAttribute('role', 'status')
    this.#status = div(document, 'quiet')
    this.#status.setAttribute('role', 'status')
    this.#keys = div(document, 'quiet')
    this.#keys.id = 'keys'
    this.#busy = div(document, 'busy')
    this.#busy.part.add('busy')
    this.#root = root
    const area = this.stage.root
    area.setAttribute('role', 'group')
    area.setAttribute('aria-describedby', 'keys')
    area.append(this.#busy)
    this.#shell = div(document, 'shell')
    this.#shell.append(area, this.picker.root)
    this.#wrap.append(this.picker.input, this.#shell, this.#message, this.#note, ...this.#parts.places, this.#keys, this.#status)
    root.append(this.#wrap)
  }

  /** The element that the browser's validation message points at. */
  get anchor(): HTMLElement {
    return this.picker.root.hidden ? this.stage.root : this.picker.button
  }

  /** Sets the texts that do not depend on the photo, as far as they are loaded. */
  setWords({ first, words }: Speech): void {
    this.picker.setLabels(first)
    const { tag, direction } = words?.language ?? { tag: 'en', direction: 'ltr' }
    this.#wrap.lang = tag
    // Other pages keep their own direction.
    this.#wrap.dir = direction === 'rtl' ? direction : ''
    if (!words) return
    this.#parts.setWords(words)
    this.#shell.dataset.drop = words.labels.drop
    this.stage.root.ariaLabel = words.labels.stage
    this.#keys.textContent = words.labels.keys
  }

  /** Makes the stage reachable by keyboard while there is something in it. */
  #updateStage(used: boolean, disabled: boolean, busy: boolean): void {
    const { root } = this.stage
    // Without a tabindex the stage cannot get the focus at all: focus() and labels then lead to the button.
    if (used && !disabled) root.tabIndex = 0
    else root.removeAttribute('tabindex')
    root.toggleAttribute('data-disabled', disabled)
    root.ariaDisabled = String(disabled)
    root.ariaBusy = String(busy)
  }

  /** Shows the editor's state. The focus moves along where what had it disappears. `restored` are the files of a restored page. */
  update(
    editor: Editor,
    options: ElementOptions,
    speech: Speech,
    disabled: boolean,
    restored: readonly string[],
    others: (Framed | undefined)[],
  ): void {
    const { state, error, refusal, facts, proxy } = editor
    const { words, first, failed } = speech
    const hasPhoto = proxy !== undefined
    const focused = this.#root.activeElement
    this.#wrap.dataset.state = state
    this.#wrap.toggleAttribute('data-photo', hasPhoto)
    this.#wrap.dataset.shape = options.shape
    const background = facts ? resolveBackground(options, facts) : options.background
    this.#wrap.toggleAttribute('data-alpha', background === 'transparent' || (facts?.alpha === true && background === undefined))
    this.picker.root.hidden = hasPhoto || state === 'opening'
    this.picker.setDisabled(disabled)
    this.picker.setSources(options)
    this.#updateStage(hasPhoto || state === 'opening', disabled, BUSY.includes(state))
    this.stage.root.dataset.touch = options.touch
    const missing = [editor.framed, ...others].map((framed) => framed && missingSize(options, framed)).find(Boolean)
    const [width, height] = missing ?? []
    this.tooFew = width && height ? (words?.say(words.labels.tooFew, { width, height }) ?? first.failed) : ''
    const failure = refusal ?? error
    // Without its texts the element shows the engine's own.
    const reason = failure && (words?.explain(failure) ?? (failed ? failure.message : undefined))
    const message =
      refusal && reason && hasPhoto ? `${reason} ${words?.labels.kept ?? ''}` : (reason ?? (this.tooFew || undefined))
    const isNewMessage = this.#message.hidden && message !== undefined
    this.#message.hidden = message === undefined
    this.#message.textContent = message ?? ''
    const isRestored = state === 'empty' && restored.length > 0
    const note = (hasPhoto ? words?.notes(editor) : isRestored && words?.restored(restored)) || ''
    // Only a change is announced.
    if (this.#note.textContent !== note) this.#note.textContent = note
    if (isNewMessage) this.#message.scrollIntoView({ block: 'nearest' })
    this.#parts.update(state, hasPhoto, disabled)
    if (focused && !disabled && !isShown(focused)) this.anchor.focus()
    if (!BUSY.includes(state) || state === 'moving') this.showProgress(0)
  }

  /** A person is about to choose a photo: what it will need is loaded meanwhile. */
  prepare(speech: Speech): void {
    if (this.#wrap.hasAttribute('data-photo')) return
    speech.need()
    this.#parts.update('opening', false, false)
  }

  /** Resolves when the parts that are needed are loaded. */
  loaded(): Promise<void> {
    return this.#parts.loaded()
  }

  showProgress(done: number): void {
    this.#busy.style.transform = `scaleX(${done})`
  }

  /** Announces a text to screen readers, when they are idle. */
  announce(text = ''): void {
    clearTimeout(this.#announcement)
    this.#announcement = setTimeout(() => (this.#status.textContent = text), ANNOUNCE_MS)
  }

  /** Marks that a file is dragged over the element. */
  setDragOver(over: boolean): void {
    this.#shell.classList.toggle('over', over)
  }
}

/** Whether an element can have the focus. */
function isShown(element: Element): boolean {
  return element.closest('[hidden]') === null && (!element.matches('.stage') || element.hasAttribute('tabindex'))
}

function div(document: Document, className: string): HTMLElement {
  const element = document.createElement('div')
  element.className = className
  return element
}
