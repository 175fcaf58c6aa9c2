/**
 * The ways to choose a photo: a button, drag and drop, a label. Which element takes a paste is in paste.ts.
 *
 * @slot empty - replaces the icon that is shown while no photo is open
 */

import { PHOTO, drawIcon } from '../screen/icons.js'
import type { FirstLabels } from '../languages/labels.js'
import type { ElementOptions } from '../options.js'
import { listenForPaste } from './paste.js'

const HEIC = ',image/heic,image/heif,.heic,.heif'

/** The types that the file dialog offers. The engine decides by the file's bytes. */
const ACCEPT =
  'image/jpeg,image/png,image/webp,image/gif,image/tiff,image/bmp,image/x-icon,.ico,.cur,.tga,.pbm,.pgm,.ppm,.pnm,.pam,.qoi'

/** What the decoders add. Where HEIC is not offered, iPhones give a JPEG in its place. */
const ACCEPT_OF = { none: '', heic: HEIC, platform: `${HEIC},image/avif,image/jxl` }

export class FilePicker {
  /** Shown while no photo is open. */
  readonly root: HTMLElement
  readonly button: HTMLButtonElement
  readonly #hint: HTMLElement
  readonly #input: HTMLInputElement

  constructor(document: Document, onFiles: (files: File[]) => void) {
    this.root = document.createElement('div')
    this.root.className = 'empty'
    this.root.part.add('empty')
    this.#input = document.createElement('input')
    this.#input.type = 'file'
    this.#input.hidden = true
    this.#input.tabIndex = -1
    this.#input.addEventListener('change', () => {
      const files = [...(this.#input.files ?? [])]
      // Cleared, so that choosing the same file again is noticed.
      this.#input.value = ''
      onFiles(files)
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
    picture.append(drawIcon(document, PHOTO))
    const slot = document.createElement('slot')
    slot.name = 'empty'
    slot.append(picture)
    this.root.append(slot, this.button, this.#hint)
  }

  /** The file input, never shown. It stays in the tree when {@link root} is hidden. */
  get input(): HTMLInputElement {
    return this.#input
  }

  /** Opens the file dialog; a disabled input opens none. */
  openDialog(): void {
    this.#input.click()
  }

  /** Sets what the dialog offers, and whether it is the camera. */
  setSources({ accept, capture, multiple, decoders }: ElementOptions): void {
    this.#input.multiple = multiple
    this.#input.accept = accept || ACCEPT + ACCEPT_OF[decoders]
    if (capture === null) this.#input.removeAttribute('capture')
    else this.#input.setAttribute('capture', capture)
  }

  setDisabled(disabled: boolean): void {
    this.button.disabled = this.#input.disabled = disabled
  }

  setLabels(labels: FirstLabels): void {
    this.button.textContent = labels.choose
    this.#hint.textContent = labels.hint
    this.#input.setAttribute('aria-label', labels.choose)
  }
}

/** Who hears of files that are dropped and pasted. */
interface FilesHost {
  enabled(): boolean
  /** Files are dragged over the element, or no longer. */
  onDragOver(over: boolean): void
  /** A person is about to choose a file. */
  onSoon(): void
  onFiles(files: File[]): void
}

/** Takes files that are dropped and pasted, and opens the dialog for the element's label, until the signal aborts. */
export function listenForFiles(element: HTMLElement, picker: FilePicker, host: FilesHost, signal: AbortSignal): void {
  listenForDrops(element, host, signal)
  listenForPaste(element, host.enabled, (file) => host.onFiles([file]), signal)
  picker.input.addEventListener('click', host.onSoon, { signal })
  // A label's click comes to the element itself. As with a file input it opens the dialog.
  const isOwn = (event: Event): boolean => event.composedPath()[0] === element
  element.addEventListener('click', (event) => isOwn(event) && !picker.root.hidden && picker.openDialog(), { signal })
}

function listenForDrops(element: HTMLElement, host: FilesHost, signal: AbortSignal): void {
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
  let isOver = false
  const setOver = (over: boolean): void => {
    // Once for each drag: `dragover` comes many times a second.
    if (over && !isOver) host.onSoon()
    isOver = over
    host.onDragOver(over)
  }
  element.addEventListener(
    'dragover',
    (event) => {
      if (!hasFiles(event)) return
      // Also while disabled: the browser would leave the page to show a file that misses its place.
      event.preventDefault()
      if (host.enabled()) setOver(true)
      else if (event.dataTransfer) event.dataTransfer.dropEffect = 'none'
    },
    { signal },
  )
  element.addEventListener(
    'dragleave',
    (event) => {
      if (!element.contains(event.relatedTarget as Node | null)) setOver(false)
    },
    { signal },
  )
  element.addEventListener(
    'drop',
    (event) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(false)
      if (host.enabled()) host.onFiles([...(event.dataTransfer?.files ?? [])])
    },
    { signal },
  )
}
