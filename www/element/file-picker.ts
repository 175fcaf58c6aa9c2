/**
 * The three ways to choose a photo: a button, drag and drop, and paste.
 *
 * @slot empty - replaces the icon that is shown while no photo is open
 */

import { icon } from './icons.js'
import type { Labels } from './labels.js'

/** The types that the file dialog offers. The engine decides by the file's bytes. */
const ACCEPT =
  'image/jpeg,image/png,image/webp,image/gif,image/tiff,image/bmp,image/x-icon,.ico,.cur,.tga,.pbm,.pgm,.ppm,.pnm,.pam,.qoi'

export class FilePicker {
  /** Shown while no photo is open. */
  readonly root: HTMLElement
  readonly button: HTMLButtonElement
  readonly #hint: HTMLElement
  readonly #input: HTMLInputElement

  constructor(document: Document, onFile: (file: File) => void) {
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
      // Cleared, so that choosing the same file again is noticed.
      this.#input.value = ''
      if (file) onFile(file)
    })
    this.#input.addEventListener('input', (event) => event.stopPropagation())
    this.button = document.createElement('button')
    this.button.type = 'button'
    this.button.className = 'choose'
    this.button.part.add('choose')
    this.button.addEventListener('click', () => this.openDialog())
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

  /** The file input, never shown. It stays in the tree when {@link root} is hidden. */
  get input(): HTMLInputElement {
    return this.#input
  }

  /** Opens the file dialog. */
  openDialog(): void {
    this.#input.click()
  }

  setLabels(labels: Labels): void {
    this.button.textContent = labels.choose
    this.#hint.textContent = labels.hint
    this.#input.setAttribute('aria-label', labels.choose)
  }
}

/** Takes files that are dropped on the element or pasted into the page, until the signal aborts. */
export function listenForFiles(
  element: HTMLElement,
  onDragOver: (over: boolean) => void,
  enabled: () => boolean,
  onFile: (file: File) => void,
  signal: AbortSignal,
): void {
  const hasFiles = (event: DragEvent): boolean => enabled() && (event.dataTransfer?.types.includes('Files') ?? false)
  element.addEventListener(
    'dragover',
    (event) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      onDragOver(true)
    },
    { signal },
  )
  element.addEventListener(
    'dragleave',
    (event) => {
      if (!element.contains(event.relatedTarget as Node | null)) onDragOver(false)
    },
    { signal },
  )
  element.addEventListener(
    'drop',
    (event) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      onDragOver(false)
      const file = event.dataTransfer?.files[0]
      if (file) onFile(file)
    },
    { signal },
  )
  element.ownerDocument.addEventListener(
    'paste',
    (event) => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'))
      if (!file || !enabled() || event.defaultPrevented || isEditable(event.target)) return
      event.preventDefault()
      onFile(file)
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
