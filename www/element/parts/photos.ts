/**
 * Several photos: the choice of the one that is moved, each with its picture, and the making of those that nobody looks at. One photo is
 * open at a time; the others are opened, made and closed one after the other, while nothing moves.
 */

import type { TruecropError } from '../../client/error.js'
import type { Placement } from '../editing/frame.js'
import type { Words } from '../languages/index.js'
import { type Several, madeBy, madeNow, showMade } from './several.js'
import type { MadeList, Part, PartHost } from './host.js'

export const styles = `
.photos { display: flex; flex-wrap: wrap; gap: 8px; justify-content: center; margin: 0; padding: 0; border: 0; min-inline-size: 0; }
.photos div { position: relative; display: flex; align-items: end; }
.photos label {
  position: relative; display: grid; place-content: center; inline-size: 64px; block-size: 64px; box-sizing: border-box; padding: 4px;
  border: 2px solid transparent; border-radius: 10px; cursor: pointer;
}
.photos input { position: absolute; inset: 0; opacity: 0; margin: 0; inline-size: 100%; block-size: 100%; cursor: inherit; }
.photos label:hover { background: color-mix(in srgb, currentColor 7%, transparent); }
.photos label:has(:checked) { border-color: var(--_accent); background: color-mix(in srgb, var(--_accent) 12%, transparent); }
.photos label:has(:focus-visible) { outline: 3px solid var(--_accent); outline-offset: 2px; }
.photos label:has(:disabled) { opacity: .4; cursor: default; }
.photos i { display: block; inline-size: 48px; block-size: 48px; box-sizing: border-box; border: 1.5px dashed; border-radius: 4px; opacity: .6; }
.photos i:has(img) { border-style: none; opacity: 1; }
.photos img { display: block; inline-size: 100%; block-size: 100%; object-fit: contain; }
.wrap[data-shape=round] .photos img { border-radius: 50%; }
.add {
  inline-size: 64px; block-size: 64px; padding: 18px; border: 1.5px dashed var(--_line); border-radius: 10px; background: none; color: inherit; cursor: pointer;
}
.add:hover:not(:disabled) { background: color-mix(in srgb, currentColor 7%, transparent); }
@media (forced-colors: active) { .photos label { border-color: ButtonBorder; } .photos label:has(:checked) { border: 3px solid Highlight; } }
`

interface Item extends Several {
  file: File
  input: HTMLInputElement
  placement: Placement | undefined
  frame: string
}

/** Whether the photo itself cannot be used: it is damaged, of another format, or too large. */
const isOfPhoto = (error: unknown): boolean => /^(input|limit)$/.test((error as Partial<TruecropError>).fault ?? '')

class PhotosPart implements Part {
  readonly root: HTMLElement
  readonly #host: PartHost
  readonly #legend: HTMLElement
  readonly #add: HTMLButtonElement
  #items: Item[] = []
  #active: Item | undefined
  #making: AbortController | undefined
  #disabled = false
  /** What the pictures were made by. */
  #madeBy = ''

  constructor(host: PartHost) {
    const { document } = host
    this.#host = host
    this.root = document.createElement('fieldset')
    this.root.className = 'photos'
    this.root.part.add('photos')
    this.#legend = document.createElement('legend')
    this.#legend.className = 'quiet'
    this.#add = document.createElement('button')
    this.#add.type = 'button'
    this.#add.className = 'add'
    this.#add.part.add('add')
    this.#add.append(host.icon(document, 'M12 5v14M5 12h14'))
    this.#add.addEventListener('click', () => host.openDialog())
    this.root.append(this.#legend, this.#add)
    host.remove = () => this.#remove()
  }

  setWords({ labels: { crops, choose } }: Words): void {
    this.#legend.textContent = crops
    this.#add.ariaLabel = this.#add.title = choose
  }

  update(disabled: boolean): void {
    const { editor, photos, onMade } = this.#host
    const now = photos()
    if (!now) return
    this.#forgetOthers(madeBy(this.#host.options()))
    this.#disabled = disabled
    this.#add.disabled = disabled
    for (const file of now.takeQueue()) this.#appendAsSaved(file)
    this.#follow()
    const { state } = editor
    if (this.#active) this.#active.made = madeNow(editor)
    for (const item of this.#items) this.#show(item)
    if (state !== 'ready') this.#making?.abort()
    onMade(this.#made)
    this.#tell()
    if (state === 'ready') void this.#makeNext()
  }

  /** Says where each photo is: that is kept when the page is left. */
  #tell(): void {
    const now = this.#host.photos()
    const { solved } = this.#host.editor
    const kept = this.#items.map((item) => {
      const isActive = item === this.#active && solved
      const { view } = isActive ? solved : (item.placement ?? now?.firstPlacement() ?? { view: undefined })
      return view && { file: item.file, view, frame: isActive ? (now?.frame() ?? '') : item.frame }
    })
    now?.keep(kept.filter((each) => each !== undefined))
  }

  /** Pictures that were made by other options count no more. */
  #forgetOthers(now: string): void {
    if (now === this.#madeBy) return
    this.#madeBy = now
    this.#making?.abort()
    for (const item of this.#items) item.made = undefined
  }

  clear(): void {
    this.#making?.abort()
    for (const { url, input } of this.#items) {
      if (url) URL.revokeObjectURL(url)
      input.closest('div')?.remove()
    }
    this.#items = []
    this.#active = undefined
    this.#host.onMade([])
  }

  /** The photo that is open is the one that is moved; a page may have opened one of its own. */
  #follow(): void {
    const { openFile, state } = this.#host.editor
    // One that was removed stays until the next one is open.
    if (!openFile || this.#active?.file === openFile || (!this.#active && state === 'opening')) return
    this.#active = this.#items.find(({ file }) => file === openFile) ?? this.#append(openFile)
  }

  get #made(): MadeList {
    return this.#items.map(({ made }, i) => [String(i + 1), made] as const)
  }

  /** A photo that was there before the page was left starts where it was. */
  #appendAsSaved(file: File): void {
    const now = this.#host.photos()
    const saved = now?.takeSaved(file)
    const item = this.#append(file)
    if (!now || !saved) return
    item.frame = saved.frame ?? ''
    item.placement = { view: saved.view, shape: item.frame ? now.shapeOf(item.frame) : undefined }
  }

  #append(file: File): Item {
    const { document } = this.#host
    const [box, label, input] = [document.createElement('div'), document.createElement('label'), document.createElement('input')]
    const picture = document.createElement('i')
    Object.assign(input, { type: 'radio', name: 'photo', ariaLabel: file.name })
    label.title = file.name
    label.append(input, picture)
    box.append(label)
    this.#add.before(box)
    const item: Item = {
      file,
      input,
      picture,
      placement: undefined,
      frame: '',
      made: undefined,
      shown: undefined,
      url: undefined,
    }
    input.addEventListener('input', (event) => {
      // The element dispatches an `input` event of its own.
      event.stopPropagation()
      this.#choose(item)
    })
    this.#items.push(item)
    return item
  }

  #choose(item: Item): void {
    const now = this.#host.photos()
    if (!now || item === this.#active) return
    this.#keep()
    now.open(item.file, item.placement?.view, item.frame)
  }

  /** Remembers where the photo that is open was. */
  #keep(): void {
    if (!this.#active) return
    this.#active.placement = this.#host.editor.placement
    this.#active.frame = this.#host.photos()?.frame() ?? ''
  }

  /** Removes the photo that is open. The one behind it, else the one before it, takes its place. */
  #remove(): void {
    const { editor, photos } = this.#host
    const item = this.#active
    const index = item ? this.#items.indexOf(item) : -1
    if (!item || this.#items.length < 2) return editor.close()
    this.#drop(item)
    const next = this.#items[Math.min(index, this.#items.length - 1)]
    this.#active = undefined
    if (next) photos()?.open(next.file, next.placement?.view, next.frame)
  }

  #drop(item: Item): void {
    this.#items = this.#items.filter((each) => each !== item)
    item.input.closest('div')?.remove()
    if (item.url) URL.revokeObjectURL(item.url)
  }

  /** Makes the first picture that is missing, and then the next one. */
  async #makeNext(): Promise<void> {
    const { editor, photos, options, onMade } = this.#host
    const item = this.#items.find((each) => !each.made && each !== this.#active)
    const now = photos()
    if (!item || !now || (this.#making && !this.#making.signal.aborted)) return
    const control = (this.#making = new AbortController())
    const { signal } = control
    try {
      item.made = await editor.makeOther(item.placement ?? now.firstPlacement(), options(), signal, item.file)
    } catch (error) {
      if (signal.aborted) return
      // Not the photo's fault: it stays, and is made when the editor is ready again.
      if (!isOfPhoto(error)) return editor.fail(error, signal)
      // It is not a photo that can be used. The others are.
      this.#drop(item)
      control.abort()
      editor.refuse(error)
      return
    }
    if (signal.aborted) return void (item.made = undefined)
    control.abort()
    this.#show(item)
    onMade(this.#made, String(this.#items.indexOf(item) + 1))
    void this.#makeNext()
  }

  /** Shows an item. Its last picture stays until there is another. */
  #show(item: Item): void {
    item.input.checked = item === this.#active
    item.input.disabled = this.#disabled
    showMade(this.#host.document, item)
  }
}

export const create = (host: PartHost): Part => new PhotosPart(host)
