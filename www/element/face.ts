/** The element's shadow tree, put together once, and kept in step with the editor. */

import { Controls, type ControlsHost } from './controls.js'
import type { Editor } from './editor.js'
import type { Labels } from './labels.js'
import type { Options } from './options.js'
import { Picker } from './picker.js'
import { Stage } from './stage.js'
import { styles } from './styles.js'

export interface FaceHost extends ControlsHost {
  picked(file: File): void
}

export class Face {
  readonly stage: Stage
  readonly picker: Picker
  readonly #wrap: HTMLElement
  readonly #controls: Controls
  readonly #message: HTMLElement
  readonly #status: HTMLElement
  readonly #keys: HTMLElement
  readonly #busy: HTMLElement

  constructor(root: ShadowRoot, document: Document, host: FaceHost) {
    root.adoptedStyleSheets = [styles()]
    this.stage = new Stage(document)
    this.picker = new Picker(document, (file) => host.picked(file))
    this.#controls = new Controls(document, host)
    this.#wrap = div(document, 'wrap')
    this.#message = div(document, 'message')
    this.#message.part.add('message')
    this.#message.setAttribute('role', 'alert')
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
    this.#wrap.append(this.picker.input, shell, this.#message, this.#controls.root, this.#keys, this.#status)
    root.append(this.#wrap)
  }

  /** What a validity bubble points at. */
  get anchor(): HTMLElement {
    return this.picker.root.hidden ? this.stage.root : this.picker.button
  }

  label(labels: Labels): void {
    this.picker.label(labels)
    this.#controls.label(labels)
    this.stage.root.setAttribute('aria-label', labels.stage)
    this.#keys.textContent = labels.keys
  }

  /** Shows the editor's state. */
  update(editor: Editor, options: Options, disabled: boolean): void {
    const { state, error, facts, proxy } = editor
    const shown = proxy !== undefined
    this.#wrap.dataset.state = state
    this.#wrap.toggleAttribute('data-alpha', facts?.alpha === true || options.background === 'transparent')
    this.picker.root.hidden = shown || state === 'opening'
    this.picker.button.disabled = disabled
    this.stage.root.tabIndex = shown && !disabled ? 0 : -1
    this.stage.root.dataset.touch = options.touch
    const appears = this.#message.hidden && error !== undefined
    this.#message.hidden = !error
    this.#message.textContent = error?.message ?? ''
    if (appears) this.#message.scrollIntoView({ block: 'nearest' })
    this.#controls.update(shown ? editor.solved : undefined, options.maxZoom, options.controls, disabled)
    if (state !== 'opening' && state !== 'rendering') this.progress(0)
  }

  progress(done: number): void {
    this.#busy.style.transform = `scaleX(${done})`
  }

  /** Tells screen readers, politely. */
  say(words: string): void {
    this.#status.textContent = words
  }

  over(is: boolean): void {
    this.#wrap.querySelector('.shell')?.classList.toggle('over', is)
  }
}

function div(document: Document, name: string): HTMLElement {
  const element = document.createElement('div')
  element.className = name
  return element
}
