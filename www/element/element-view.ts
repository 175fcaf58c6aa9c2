/**
 * The element's shadow tree: built once, then updated from the editor's state.
 *
 * @csspart stage - the area in which the photo is moved
 * @csspart frame - the frame, over the photo
 * @csspart exact - the exact picture, over the frame's area once it is rendered
 * @csspart busy - the progress bar at the stage's lower edge
 * @csspart empty - the area that is shown while no photo is open
 * @csspart choose - the button that opens the file dialog
 * @csspart message - the text of an error
 * @csspart note - what is said of a photo that can be used, such as a colour profile that could not be applied
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
 * @csspart button-reset - go back to the first view
 * @csspart button-replace - choose another photo
 */

import { Controls, type ControlsHost } from './controls.js'
import type { Editor } from './editor.js'
import type { Labels } from './labels.js'
import type { ElementOptions } from './options.js'
import { FilePicker } from './file-picker.js'
import { Stage } from './stage.js'
import { styleSheet } from './styles.js'

export interface ElementViewHost extends ControlsHost {
  onFile(file: File): void
}

export class ElementView {
  readonly stage: Stage
  readonly picker: FilePicker
  readonly #wrap: HTMLElement
  readonly #controls: Controls
  readonly #message: HTMLElement
  readonly #note: HTMLElement
  readonly #status: HTMLElement
  readonly #keys: HTMLElement
  readonly #busy: HTMLElement

  constructor(root: ShadowRoot, document: Document, host: ElementViewHost) {
    root.adoptedStyleSheets = [styleSheet()]
    this.stage = new Stage(document)
    this.picker = new FilePicker(document, (file) => host.onFile(file))
    this.#controls = new Controls(document, host)
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
    const area = this.stage.root
    area.setAttribute('role', 'group')
    area.setAttribute('aria-describedby', 'keys')
    area.append(this.#busy)
    const shell = div(document, 'shell')
    shell.append(area, this.picker.root)
    this.#wrap.append(this.picker.input, shell, this.#message, this.#note, this.#controls.root, this.#keys, this.#status)
    root.append(this.#wrap)
  }

  /** The element that the browser's validation message points at. */
  get anchor(): HTMLElement {
    return this.picker.root.hidden ? this.stage.root : this.picker.button
  }

  setLabels(labels: Labels): void {
    this.picker.setLabels(labels)
    this.#controls.setLabels(labels)
    this.stage.root.setAttribute('aria-label', labels.stage)
    this.#keys.textContent = labels.keys
  }

  /** Shows the editor's state. */
  update(editor: Editor, options: ElementOptions, labels: Labels, disabled: boolean): void {
    const { state, error, facts, proxy, ignored } = editor
    const hasPhoto = proxy !== undefined
    this.#wrap.dataset.state = state
    this.#wrap.toggleAttribute('data-alpha', facts?.alpha === true || options.background === 'transparent')
    this.picker.root.hidden = hasPhoto || state === 'opening'
    this.picker.button.disabled = disabled
    this.stage.root.tabIndex = hasPhoto && !disabled ? 0 : -1
    this.stage.root.dataset.touch = options.touch
    const isNewMessage = this.#message.hidden && error !== undefined
    this.#message.hidden = !error
    this.#message.textContent = error?.message ?? ''
    const note = hasPhoto ? ignored.map((what) => labels[`${what}Ignored`]).join(' ') : ''
    // Only a change is announced.
    if (this.#note.textContent !== note) this.#note.textContent = note
    if (isNewMessage) this.#message.scrollIntoView({ block: 'nearest' })
    this.#controls.update(hasPhoto ? editor.solved : undefined, options.maxZoom, options.controls, disabled)
    if (state !== 'opening' && state !== 'rendering') this.showProgress(0)
  }

  showProgress(done: number): void {
    this.#busy.style.transform = `scaleX(${done})`
  }

  /** Announces a text to screen readers, when they are idle. */
  announce(text: string): void {
    this.#status.textContent = text
  }

  /** Marks that a file is dragged over the element. */
  setDragOver(over: boolean): void {
    this.#wrap.querySelector('.shell')?.classList.toggle('over', over)
  }
}

function div(document: Document, className: string): HTMLElement {
  const element = document.createElement('div')
  element.className = className
  return element
}
