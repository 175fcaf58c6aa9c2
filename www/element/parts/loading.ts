/**
 * What is shown while a file is being opened: its name, how far it is, and a button to give up. Where no photo is open, also the
 * photo itself as the browser draws it, long before the engine is ready. For the screen only: it is never part of a result.
 */

import type { TrueCropEvents } from '../events.js'
import type { Words } from '../languages/index.js'
import type { Part, PartHost } from '../parts.js'

export const styles = `
.loading {
  position: absolute; inset: 0; display: grid; place-items: center; padding: 12px; pointer-events: auto; direction: inherit;
  animation: appear 150ms 200ms both;
}
@keyframes appear { from { opacity: 0; } }
.loading > div {
  display: grid; gap: 8px; justify-items: center; max-inline-size: 100%; box-sizing: border-box; padding: 14px 18px;
  border-radius: 12px; background: var(--_paper); color: var(--_ink); box-shadow: 0 2px 14px rgb(0 0 0 / 25%);
}
.loading p { margin: 0; max-inline-size: 100%; overflow-wrap: anywhere; text-align: center; unicode-bidi: plaintext; font-size: .95em; line-height: 1.35; }
.loading progress { inline-size: min(180px, 100%); accent-color: var(--_accent); }
.loading button {
  min-block-size: 44px; min-inline-size: 88px; padding: 0 16px; border: 1px solid var(--_line); border-radius: 999px;
  background: none; color: inherit; font: inherit; cursor: pointer;
}
.first { position: absolute; object-fit: cover; }
@media (forced-colors: active) { .loading > div { border: 1px solid; } }
`

class Loading implements Part {
  readonly root: HTMLElement
  readonly #host: PartHost
  readonly #text: HTMLElement
  readonly #progress: HTMLProgressElement
  readonly #cancel: HTMLButtonElement
  readonly #first: HTMLImageElement
  /** The file of {@link #first}. */
  #file: File | undefined
  #url = ''

  constructor(host: PartHost) {
    const { document, element, editor } = host
    this.#host = host
    this.root = document.createElement('div')
    this.#first = Object.assign(document.createElement('img'), { className: 'first', alt: '', hidden: true })
    this.#first.part.add('first')
    // Shown when it is there: a picture that is still loading, or cannot be, is not seen half.
    this.#first.addEventListener('load', () => (this.#first.hidden = this.#url === ''))
    this.#text = document.createElement('p')
    this.#progress = document.createElement('progress')
    this.#progress.max = 1
    this.#cancel = document.createElement('button')
    this.#cancel.type = 'button'
    this.#cancel.part.add('cancel')
    this.#cancel.addEventListener('click', () => editor.cancelOpening())
    const [cover, card] = [document.createElement('div'), document.createElement('div')]
    cover.className = 'loading'
    cover.part.add('loading')
    card.append(this.#text, this.#progress, this.#cancel)
    cover.append(card)
    this.root.append(this.#first, cover)
    element.addEventListener('progress', (event) => {
      const { stage, done } = (event as unknown as TrueCropEvents['progress']).detail
      if (stage === 'opening') this.#progress.value = done
    })
  }

  setWords({ labels }: Words): void {
    this.#cancel.textContent = labels.cancel
  }

  update(): void {
    const { editor, words } = this.#host
    const isOpening = editor.state === 'opening'
    this.root.hidden = !isOpening
    this.#showFirst(isOpening && !editor.proxy ? editor.file : undefined)
    if (!isOpening) return this.#progress.removeAttribute('value')
    const known = words()
    const text = known?.say(known.labels.opening, { name: editor.file?.name ?? '' }) ?? ''
    this.#text.textContent = this.#progress.ariaLabel = text
  }

  /** Shows a file as a photo stands that nobody has moved: it fills the frame. */
  #showFirst(file: File | undefined): void {
    if (file === this.#file) return
    this.#file = file
    URL.revokeObjectURL(this.#url)
    this.#first.hidden = true
    const { stage, element, options } = this.#host
    const isTurned = Number(element.getAttribute('rotate')) !== 0 || element.hasAttribute('flip')
    this.#url = file && !isTurned ? URL.createObjectURL(file) : ''
    if (!this.#url) return this.#first.removeAttribute('src')
    const { left, top, width, height } = stage.box
    const [x, y, w, h] = [left, top, width, height].map((length) => `${length}px`) as [string, string, string, string]
    Object.assign(this.#first.style, { left: x, top: y, width: w, height: h })
    this.#first.style.objectFit = options().aspects?.[0] === 'free' ? 'contain' : 'cover'
    this.#first.src = this.#url
  }
}

export const create = (host: PartHost): Part => new Loading(host)
