/**
 * Several crops of one photo: the choice of the one that is moved, each with its picture, and the making of those that are not. They
 * are made one after the other while nothing moves.
 */

import type { Facts } from '../../protocol.js'
import type { Placement } from '../editing/frame.js'
import type { Words } from '../languages/index.js'
import type { CropOptions } from '../options.js'
import type { MadeList, Part, PartHost } from './host.js'
import { type Several, madeBy, madeNow, showMade } from './several.js'

export const styles = `
.crops { display: flex; flex-wrap: wrap; gap: 8px; justify-content: center; margin: 0; padding: 0; border: 0; min-inline-size: 0; }
.crops label {
  position: relative; display: grid; gap: 4px; place-items: center; padding: 6px 8px; min-inline-size: 44px; box-sizing: border-box;
  border: 1.5px solid transparent; border-radius: 10px; font-size: .85em; cursor: pointer;
}
.crops input { position: absolute; inset: 0; opacity: 0; margin: 0; inline-size: 100%; block-size: 100%; cursor: inherit; }
.crops label:hover { background: color-mix(in srgb, currentColor 7%, transparent); }
.crops label:has(:checked) { border-color: var(--_accent); background: color-mix(in srgb, var(--_accent) 12%, transparent); font-weight: 600; }
.crops label:has(:focus-visible) { outline: 3px solid var(--_accent); outline-offset: 2px; }
.crops label:has(:disabled) { opacity: .4; cursor: default; }
.crops i { box-sizing: border-box; display: block; border: 1.5px dashed; border-radius: 3px; opacity: .6; overflow: hidden; }
.crops i:has(img) { border-style: none; opacity: 1; }
.crops img { display: block; inline-size: 100%; block-size: 100%; }
.wrap[data-shape=round] .crops i { border-radius: 50%; }
@media (forced-colors: active) { .crops label { border-color: ButtonBorder; } .crops label:has(:checked) { border: 3px solid Highlight; } }
`

/** CSS pixels of a small picture's height, and of its greatest width. */
const [HEIGHT, MOST_WIDTH] = [48, 120]

interface Item extends Several {
  crop: CropOptions
  input: HTMLInputElement
  text: HTMLElement
  placement: Placement | undefined
}

class CropsPart implements Part {
  readonly root: HTMLElement
  readonly #host: PartHost
  readonly #legend: HTMLElement
  #items: Item[] = []
  #list: readonly CropOptions[] = []
  #facts: Facts | undefined
  #active = 0
  #making: AbortController | undefined
  /** What the pictures were made by. */
  #madeBy = ''

  constructor(host: PartHost) {
    this.#host = host
    this.root = host.document.createElement('fieldset')
    this.root.className = 'crops'
    this.root.part.add('crops')
    this.#legend = host.document.createElement('legend')
    this.#legend.className = 'quiet'
  }

  setWords({ labels: { crops } }: Words): void {
    this.#legend.textContent = crops
  }

  update(disabled: boolean): void {
    const { crops, editor } = this.#host
    const now = crops()
    if (!now) return
    if (now.list !== this.#list) this.#build(now.list)
    if (editor.facts !== this.#facts) this.#restart()
    this.#forgetOthers(now.list.map((crop) => madeBy(now.optionsOf(crop))).join())
    this.#follow(now.active)
    const active = this.#items[now.active]
    // Kept here, because another crop's options would bring it within other bounds.
    if (active && editor.facts) active.placement = editor.placement
    if (active) active.made = madeNow(editor)
    this.#items.forEach((item, i) => {
      item.input.checked = i === now.active
      item.input.disabled = disabled
      showMade(this.#host.document, item)
    })
    if (editor.state !== 'ready') this.#making?.abort()
    this.#host.onMade(this.#made)
    const { openFile: file } = editor
    const kept = this.#items.map(({ crop, placement }) => file && placement && { file, view: placement.view, crop: crop.name })
    now.keep(kept.filter((each) => each !== undefined))
    if (editor.state === 'ready') void this.#makeNext()
  }

  /** Pictures that were made by other options count no more. */
  #forgetOthers(now: string): void {
    if (now === this.#madeBy) return
    this.#madeBy = now
    this.#making?.abort()
    for (const item of this.#items) item.made = undefined
  }

  get #made(): MadeList {
    return this.#items.map(({ crop, made }) => [crop.name, made] as const)
  }

  clear(): void {
    if (this.#facts) this.#restart()
  }

  /** Another list of crops: nothing of the one before counts any more. */
  #build(list: readonly CropOptions[]): void {
    this.#restart()
    this.#list = list
    this.#items = list.map((crop, i) => this.#makeItem(crop, i))
    this.root.replaceChildren(this.#legend, ...this.#items.map(({ input }) => input.parentElement as HTMLElement))
    this.#active = this.#host.crops()?.active ?? 0
  }

  /** Another photo is open. */
  #restart(): void {
    this.#making?.abort()
    this.#facts = this.#host.editor.facts
    const now = this.#host.crops()
    for (const item of this.#items) {
      item.made = item.shown = undefined
      // Now: what was saved is for the first photo alone.
      item.placement = this.#facts && now?.firstPlacement(item.crop)
      item.picture.replaceChildren()
      if (item.url) URL.revokeObjectURL(item.url)
      item.url = undefined
    }
  }

  /** Another crop is the one that is moved: the photo goes to where it was in that one. */
  #follow(active: number): void {
    const [from, to] = [this.#items[this.#active], this.#items[active]]
    if (!from || !to || from === to) return
    const { editor, navigation, crops } = this.#host
    this.#active = active
    navigation.useHistory(to.crop.name, from.crop.name)
    const placement = to.placement ?? crops()?.firstPlacement(to.crop)
    if (placement) editor.place(placement)
  }

  /** Makes the first picture that is missing. The update that follows makes the next one. */
  async #makeNext(): Promise<void> {
    const { editor, crops } = this.#host
    const now = crops()
    const item = this.#items.find(({ made }, i) => !made && i !== now?.active)
    if (!item || !now || (this.#making && !this.#making.signal.aborted)) return
    const control = (this.#making = new AbortController())
    const { facts } = editor
    const placement = item.placement ?? now.firstPlacement(item.crop)
    try {
      const made = await editor.makeOther(placement, now.optionsOf(item.crop), control.signal)
      if (control.signal.aborted || !made) return
      item.made = made
      control.abort()
      showMade(this.#host.document, item)
      this.#host.onMade(this.#made, item.crop.name)
      void this.#makeNext()
    } catch (error) {
      // The photo may have been closed meanwhile.
      if (editor.facts === facts) editor.fail(error, control.signal)
    }
  }

  #makeItem(crop: CropOptions, index: number): Item {
    const { document } = this.#host
    const [label, input] = [document.createElement('label'), document.createElement('input')]
    const [picture, text] = [document.createElement('i'), document.createElement('bdi')]
    Object.assign(input, { type: 'radio', name: 'crop', value: crop.name })
    input.addEventListener('input', (event) => {
      // The element dispatches an `input` event of its own.
      event.stopPropagation()
      this.#host.crops()?.choose(index)
    })
    const { width = 1, height = 1 } = crop.outputs[0] ?? {}
    const shown = Math.min(HEIGHT, (MOST_WIDTH * height) / width)
    picture.style.height = `${Math.max(8, shown)}px`
    picture.style.width = `${Math.max(8, (shown * width) / height)}px`
    text.textContent = crop.label ?? crop.name
    label.append(input, picture, text)
    const placement = this.#facts && this.#host.crops()?.firstPlacement(crop)
    return { crop, input, picture, text, placement, made: undefined, shown: undefined, url: undefined }
  }
}

export const create = (host: PartHost): Part => new CropsPart(host)
