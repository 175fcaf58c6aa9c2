/** The choice of shapes: radio buttons, each with a small frame of its shape. */

import type { Words } from '../languages/index.js'
import type { Part, PartHost } from './host.js'

type Offered = NonNullable<ReturnType<PartHost['options']>['aspects']>[number]

export const styles = `
.aspects { display: flex; flex-wrap: wrap; gap: 4px; justify-content: center; margin: 0; padding: 0; border: 0; min-inline-size: 0; }
.aspects label {
  position: relative; display: inline-flex; align-items: center; gap: 7px; min-block-size: 44px; padding: 0 10px; box-sizing: border-box;
  border: 1.5px solid transparent; border-radius: 10px; font-size: .9em; cursor: pointer;
}
.aspects input { position: absolute; inset: 0; opacity: 0; margin: 0; inline-size: 100%; block-size: 100%; cursor: inherit; }
.aspects label:hover { background: color-mix(in srgb, currentColor 7%, transparent); }
.aspects label:has(:checked) { border-color: var(--_accent); background: color-mix(in srgb, var(--_accent) 12%, transparent); font-weight: 600; }
.aspects label:has(:focus-visible) { outline: 3px solid var(--_accent); outline-offset: 2px; }
.aspects label:has(:disabled) { opacity: .4; cursor: default; }
.aspects i { box-sizing: border-box; border: 1.8px solid; border-radius: 2px; }
.aspects i[data-free] { border-style: dashed; }
@media (forced-colors: active) { .aspects label { border-color: ButtonBorder; } .aspects label:has(:checked) { border: 3px solid Highlight; } }
`

/** CSS pixels of the area of a small frame, as a square's side. */
const GLYPH = 14

class Aspects implements Part {
  readonly root: HTMLElement
  readonly #legend: HTMLElement
  readonly #host: PartHost
  #shown = ''
  #radios: { input: HTMLInputElement; text: HTMLElement; aspect: Offered }[] = []

  constructor(host: PartHost) {
    this.#host = host
    this.root = host.document.createElement('fieldset')
    this.root.className = 'aspects'
    this.root.part.add('aspects')
    this.#legend = host.document.createElement('legend')
    this.#legend.className = 'quiet'
  }

  setWords({ labels }: Words): void {
    this.#legend.textContent = labels.aspects
    for (const { text, aspect } of this.#radios) text.textContent = aspect === 'free' ? labels.free : aspect.join(':')
  }

  update(disabled: boolean): void {
    const { aspects = [] } = this.#host.options()
    if (this.#shown !== aspects.join(' ')) {
      this.#shown = aspects.join(' ')
      this.#radios = aspects.map((aspect) => this.#add(aspect))
      this.root.replaceChildren(this.#legend, ...this.#radios.map(({ text }) => text.parentElement as HTMLElement))
      const words = this.#host.words()
      if (words) this.setWords(words)
    }
    const { shape } = this.#host.editor
    for (const { input, aspect } of this.#radios) {
      input.checked = aspect === 'free' ? typeof shape === 'number' : String(aspect) === String(shape)
      input.disabled = disabled
    }
  }

  #add(aspect: Offered) {
    const { document, navigation, editor } = this.#host
    const label = document.createElement('label')
    const input = document.createElement('input')
    Object.assign(input, { type: 'radio', name: 'aspect', value: String(aspect) })
    input.addEventListener('input', (event) => {
      // The element dispatches an `input` event of its own.
      event.stopPropagation()
      const [width, height] = aspect === 'free' ? editor.aspect : aspect
      navigation.moveTo(editor.wanted, {}, aspect === 'free' ? width / height : aspect)
    })
    const glyph = document.createElement('i')
    const ratio = aspect === 'free' ? 1.2 : Math.min(4, Math.max(0.25, aspect[0] / aspect[1]))
    glyph.style.width = `${GLYPH * Math.sqrt(ratio)}px`
    glyph.style.height = `${GLYPH / Math.sqrt(ratio)}px`
    glyph.toggleAttribute('data-free', aspect === 'free')
    const text = document.createElement('bdi')
    label.append(input, glyph, text)
    return { input, text, aspect }
  }
}

export const create = (host: PartHost): Part => new Aspects(host)
