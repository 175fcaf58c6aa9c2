/**
 * What is shown while a file is being opened: its name, how far it is, and a button to give up. Where no photo is open, also the
 * photo itself, long before the engine is ready: the small picture of its EXIF data or of a HEIC, the first scan of a progressive file, or
 * the photo as the browser draws it. All of them stand where the photo will stand, and are for the screen only: they are never part of a result.
 */

import type { TrueCropEvents } from '../events.js'
import type { Size } from '../editing/geometry.js'
import type { Words } from '../languages/index.js'
import type { OpenPhoto } from '../editing/photo.js'
import type { Part, PartHost } from './host.js'
import { firstScan } from './first-scan.js'
import { HEAD_BYTES, drawThumbnail, readHead } from './thumbnail.js'

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
.loading progress { inline-size: min(180px, 100%); accent-color: light-dark(var(--_accent), color-mix(in srgb, var(--_accent) 60%, #fff)); }
.loading button {
  min-block-size: 44px; min-inline-size: 88px; padding: 0 16px; border: 1px solid var(--_line); border-radius: 999px;
  background: none; color: inherit; font: inherit; cursor: pointer;
}
.first, .first > * { position: absolute; }
.first { inset: 0; }
@media (forced-colors: active) { .loading > div { border: 1px solid; } }
`

/** Milliseconds for which the small picture is enough: where the engine needs longer, the browser draws the photo too. */
const PATIENCE_MS = 300

class Loading implements Part {
  readonly root: HTMLElement
  readonly #host: PartHost
  readonly #text: HTMLElement
  readonly #progress: HTMLProgressElement
  readonly #cancel: HTMLButtonElement
  /** Under the frame, as the photo is. */
  readonly #first: HTMLElement
  /** The file that {@link #first} shows. */
  #file: File | undefined
  /** Grows with each file, and with each that is given up: the same file may come again. */
  #run = 0
  #url = ''
  /** The HEIC whose small picture was asked for. */
  #asked: OpenPhoto | undefined

  constructor(host: PartHost) {
    const { document, element, editor } = host
    this.#host = host
    this.root = document.createElement('div')
    this.#first = Object.assign(document.createElement('div'), { className: 'first', hidden: true })
    this.#first.part.add('first')
    this.#first.ariaHidden = 'true'
    host.stage.frame.before(this.#first)
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
    this.root.append(cover)
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
    void this.#showFirst(isOpening && !editor.proxy ? editor.file : undefined)
    const { coming } = editor
    if (!coming) this.#asked = undefined
    if (coming?.facts.format === 'heic' && !editor.proxy) void this.#showSmall(coming)
    if (!isOpening) return this.#progress.removeAttribute('value')
    const known = words()
    const text = known?.say(known.labels.opening, { name: editor.file?.name ?? '' }) ?? ''
    this.#text.textContent = this.#progress.ariaLabel = text
  }

  async #showFirst(file: File | undefined): Promise<void> {
    if (file === this.#file) return
    this.#file = file
    const run = ++this.#run
    URL.revokeObjectURL(this.#url)
    this.#url = ''
    this.#first.replaceChildren()
    this.#setShown(false)
    if (!file) return
    const { document } = this.#host
    const head = await file
      .slice(0, HEAD_BYTES)
      .arrayBuffer()
      .then(
        (bytes) => readHead(new Uint8Array(bytes)),
        // The engine says what is wrong with it.
        () => undefined,
      )
    const small = head && (await drawThumbnail(document, file, head))
    const coarse = small || !head?.isProgressive ? undefined : await firstScan(file).catch(() => undefined)
    if (run !== this.#run) return
    if (small) this.#place(small, head)
    else this.#showPhoto(coarse ?? file, run)
    if (small ?? coarse) setTimeout(() => run === this.#run && this.#showPhoto(file, run), PATIENCE_MS)
  }

  /**
   * The small picture that a HEIC has itself. The engine makes it: most browsers read no HEIC. It is asked for before the photo's own, so it
   * is made before that.
   */
  async #showSmall(photo: OpenPhoto): Promise<void> {
    if (photo === this.#asked) return
    this.#asked = photo
    const run = this.#run
    const bitmap = await photo.proxy(0).catch(() => undefined)
    if (!bitmap) return
    // The browser may have drawn the photo itself meanwhile, with more pixels.
    if (run !== this.#run || this.#first.firstChild) return bitmap.close()
    const { width, height } = bitmap
    const canvas = Object.assign(this.#host.document.createElement('canvas'), { width, height })
    canvas.getContext('bitmaprenderer')?.transferFromImageBitmap(bitmap)
    this.#place(canvas, photo.facts)
  }

  /** The photo as the browser draws it, upright. By an image: in Chromium `createImageBitmap` takes longer, also to a small size. */
  #showPhoto(file: Blob, run: number): void {
    const image = this.#host.document.createElement('img')
    image.alt = ''
    URL.revokeObjectURL(this.#url)
    this.#url = URL.createObjectURL(file)
    // Shown when it is there: a picture that is still loading, or cannot be, is not seen half.
    image.addEventListener('load', () => {
      if (run === this.#run) this.#place(image, { width: image.naturalWidth, height: image.naturalHeight })
    })
    image.src = this.#url
  }

  /** Puts a picture of the whole photo to where the photo will be: as `Stage.draw` does, so that nothing jumps. */
  #place(picture: HTMLElement, size: Size): void {
    const { stage, editor } = this.#host
    const framed = editor.frameFirst(size)
    if (!framed) return
    stage.layout(framed.aspect, typeof editor.shape === 'number')
    const { left, top, width, height } = stage.box
    const { crop, view } = framed.solved
    const scale = width / crop.width
    const [x, y] = [(crop.x + crop.width / 2) * scale, (crop.y + crop.height / 2) * scale]
    const [horizontal, vertical] = [/horizontal|both/, /vertical|both/].map((flips) => (flips.test(view.flip) ? -1 : 1))
    // Through the CSSOM, because the policy style-src 'self' forbids style attributes.
    Object.assign(picture.style, {
      left: `${left + width / 2 - x}px`,
      top: `${top + height / 2 - y}px`,
      width: `${size.width * scale}px`,
      height: `${size.height * scale}px`,
      transformOrigin: `${x}px ${y}px`,
      transform: `rotate(${view.rotate}deg) scale(${horizontal}, ${vertical})`,
    })
    // What is there already stays under it until it is drawn.
    this.#first.append(picture)
    this.#setShown(true)
  }

  #setShown(shown: boolean): void {
    this.#first.hidden = !shown
    this.#host.stage.root.toggleAttribute('data-first', shown)
  }
}

export const create = (host: PartHost): Part => new Loading(host)
