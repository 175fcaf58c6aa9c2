/** The ways a photo comes in: a button, a drop, a paste. */

import { icon } from './icons.js'
import type { Labels } from './labels.js'

/** The kinds that the file dialog offers; what is really inside is seen by the engine. */
const ACCEPT = 'image/jpeg,image/png,image/webp,image/gif'

export class Picker {
  /** Shown while there is no photo. */
  readonly root: HTMLElement
  readonly button: HTMLButtonElement
  readonly #hint: HTMLElement
  readonly #input: HTMLInputElement

  constructor(document: Document, picked: (file: File) => void) {
    this.root = document.createElement('div')
    this.root.className = 'empty'
    this.root.part.add('empty')
    this.#input = document.createElement('input')
    this.#input.type = 'file'
    this.#input.accept = ACCEPT
    this.#input.hidden = true
    this.#input.tabIndex = -1
    this.#input.addEventListener('change', () => {
      const file = this.#input.files?.[0]
      // Cleared, so that the same file can be chosen again.
      this.#input.value = ''
      if (file) picked(file)
    })
    this.#input.addEventListener('input', (event) => event.stopPropagation())
    this.button = document.createElement('button')
    this.button.type = 'button'
    this.button.className = 'choose'
    this.button.part.add('choose')
    this.button.addEventListener('click', () => this.choose())
    this.#hint = document.createElement('p')
    this.#hint.className = 'hint'
    const picture = document.createElement('span')
    picture.className = 'large'
    picture.append(icon(document, 'photo'))
    const slot = document.createElement('slot')
    slot.name = 'empty'
    slot.append(picture)
    this.root.append(slot, this.button, this.#hint)
  }

  /** The hidden file input; it stays in the tree when the rest is hidden. */
  get input(): HTMLInputElement {
    return this.#input
  }

  choose(): void {
    this.#input.click()
  }

  label(labels: Labels): void {
    this.button.textContent = labels.choose
    this.#hint.textContent = labels.hint
    this.#input.setAttribute('aria-label', labels.choose)
  }
}

/** Takes files that are dropped on the element or pasted into the page, until the signal says stop. */
export function listenForFiles(
  element: HTMLElement,
  over: (is: boolean) => void,
  enabled: () => boolean,
  picked: (file: File) => void,
  signal: AbortSignal,
): void {
  const carries = (event: DragEvent): boolean => enabled() && (event.dataTransfer?.types.includes('Files') ?? false)
  element.addEventListener(
    'dragover',
    (event) => {
      if (!carries(event)) return
      event.preventDefault()
      over(true)
    },
    { signal },
  )
  element.addEventListener(
    'dragleave',
    (event) => {
      if (!element.contains(event.relatedTarget as Node | null)) over(false)
    },
    { signal },
  )
  element.addEventListener(
    'drop',
    (event) => {
      if (!carries(event)) return
      event.preventDefault()
      over(false)
      const file = event.dataTransfer?.files[0]
      if (file) picked(file)
    },
    { signal },
  )
  element.ownerDocument.addEventListener(
    'paste',
    (event) => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'))
      if (!file || !enabled() || event.defaultPrevented || isEditable(event.target)) return
      event.preventDefault()
      picked(file)
    },
    { signal },
  )
}

function isEditable(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input:not([type=range]), textarea, [contenteditable=""], [contenteditable=true]') !== null
  )
}
