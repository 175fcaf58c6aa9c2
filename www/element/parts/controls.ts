/** The bar under the stage: zoom slider, rotate and mirror buttons and, with `controls="full"`, four buttons to move the photo. */

import type { Labels } from '../languages/labels.js'
import type { Words } from '../languages/index.js'
import type { Action, Part, PartHost } from './host.js'

const ICONS = {
  in: 'M12 6v12M6 12h12',
  out: 'M6 12h12',
  turnLeft: 'M10 12h10v8H10zM5 13V9a4 4 0 0 1 4-4h5M2 10l3 3 3-3',
  turnRight: 'M4 12h10v8H4zM19 13V9a4 4 0 0 0-4-4h-5M16 10l3 3 3-3',
  mirror: 'M12 3v18M9 7v10H3zM15 7v10h6z',
  upsideDown: 'M3 12h18M7 9h10V3zM7 15h10v6z',
  undo: 'M9 14 4 9l5-5M4 9h10a5.5 5.5 0 0 1 0 11h-3',
  redo: 'm15 14 5-5-5-5M20 9H10a5.5 5.5 0 0 0 0 11h3',
  reset: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M9 9h6v6H9z',
  replace: 'M20 11V5H4v14h9M4 16l4.5-4.5 4 4 1.5-1.5M15.5 9.5h.01M19 15v6M16 18h6',
  remove: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  left: 'M19 12H5m6-6-6 6 6 6',
  right: 'M5 12h14m-6-6 6 6-6 6',
  up: 'M12 19V5m-6 6 6-6 6 6',
  down: 'M12 5v14m-6-6 6 6 6-6',
} as const

type Icon = keyof typeof ICONS

export const styles = `
.bar { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center; justify-content: center; container-type: inline-size; }
.bar > div { display: flex; align-items: center; gap: 2px; }
/* Left is left in every language. */
.bar .moves, .bar .turns { direction: ltr; }
/* What was before lies where reading begins. */
.bar :is([part~=button-undo], [part~=button-redo]):dir(rtl) svg { transform: scaleX(-1); }
.bar .zoom { flex: 1 1 190px; gap: 6px; }
.bar button {
  display: inline-flex; align-items: center; justify-content: center; gap: 8px;
  min-inline-size: 44px; block-size: 44px; padding: 0 10px; border: 0; border-radius: 10px;
  background: none; color: inherit; font: inherit; font-size: .9em; cursor: pointer;
}
.bar svg { inline-size: 24px; block-size: 24px; flex: none; }
/* Words where there is room. */
.bar span { display: none; white-space: nowrap; }
@container (min-width: 440px) { .bar span { display: inline; } }
.bar button:hover:not(:disabled, [aria-disabled=true]) { background: color-mix(in srgb, currentColor 9%, transparent); }
.bar input { flex: 1; min-inline-size: 60px; inline-size: 100%; block-size: 44px; margin: 0; accent-color: light-dark(var(--_accent), color-mix(in srgb, var(--_accent) 60%, #fff)); cursor: pointer; }
@media (forced-colors: active) { .bar button { border: 1px solid; } }
`

/** Steps of the slider. */
const SLIDER_STEPS = 1000

/** The slider's position for a zoom, 0 to 1. The square root gives half of the way to the zooms that are used most. */
export function sliderFromZoom(zoom: number, least: number, greatest: number): number {
  if (greatest <= least) return 0
  const fraction = Math.log(zoom / least) / Math.log(greatest / least)
  return Math.sqrt(Math.min(1, Math.max(0, fraction)))
}

/** The zoom for a position of the slider, 0 to 1; both ends are exact. */
export function zoomFromSlider(position: number, least: number, greatest: number): number {
  if (position <= 0) return least
  if (position >= 1) return greatest
  return least * (greatest / least) ** (position * position)
}

class Controls implements Part {
  readonly root: HTMLElement
  readonly #slider: HTMLInputElement
  readonly #buttons: { element: HTMLButtonElement; label: keyof Labels }[] = []
  readonly #moves: HTMLElement
  readonly #undo: HTMLButtonElement
  readonly #redo: HTMLButtonElement
  readonly #replace: HTMLButtonElement
  readonly #host: PartHost
  #range = { least: 1, greatest: 1 }

  constructor(host: PartHost) {
    this.#host = host
    this.root = this.#group('bar')
    this.root.part.add('controls')
    this.#slider = this.#makeSlider()
    const zoom = this.#group('zoom')
    zoom.append(this.#action('out', 'zoomOut'), this.#slider, this.#action('in', 'zoomIn'))
    this.#moves = this.#group('moves')
    this.#moves.append(
      this.#action('left', 'moveLeft'),
      this.#action('up', 'moveUp'),
      this.#action('down', 'moveDown'),
      this.#action('right', 'moveRight'),
    )
    const turns = this.#group('turns')
    turns.append(
      this.#action('turnLeft', 'turnLeft'),
      this.#action('turnRight', 'turnRight'),
      this.#action('mirror', 'mirror'),
      this.#action('upsideDown', 'upsideDown'),
    )
    const file = this.#group('file')
    this.#undo = this.#action('undo', 'undo')
    this.#redo = this.#action('redo', 'redo')
    const replace = (this.#replace = this.#button('replace', 'replace', () => host.openDialog()))
    const remove = this.#button('remove', 'remove', () => this.#remove())
    const reset = this.#action('reset', 'reset')
    for (const button of [reset, replace]) button.append(host.document.createElement('span'))
    file.append(this.#undo, this.#redo, reset, replace, remove)
    this.root.append(zoom, this.#moves, turns, file)
  }

  #remove(): void {
    if (this.#host.remove) this.#host.remove()
    else this.#host.editor.close()
    this.#host.announce(this.#host.words()?.labels.removed ?? '')
  }

  update(disabled: boolean): void {
    const { editor, navigation } = this.#host
    // Further photos are added beside the ones that are there.
    this.#replace.hidden = this.#host.options().multiple
    this.#moves.hidden = this.#host.options().controls !== 'full'
    for (const { element } of this.#buttons) element.disabled = disabled
    // Not `disabled`: the focus would fall out of the element with the last step.
    this.#undo.ariaDisabled = String(disabled || !navigation.canUndo)
    this.#redo.ariaDisabled = String(disabled || !navigation.canRedo)
    const { solved } = editor
    if (!solved) return
    this.#range = solved.zoom
    const { least, greatest } = solved.zoom
    const position = Math.round(sliderFromZoom(solved.view.zoom, least, greatest) * SLIDER_STEPS)
    this.#slider.disabled = disabled || greatest <= least
    this.#slider.setAttribute('aria-valuetext', this.#host.words()?.percent(solved.view.zoom) ?? '')
    // Not while the person drags the slider: writing rounded values back would make it stick.
    if (!this.#slider.matches(':active')) this.#slider.value = String(position)
  }

  setWords({ labels }: Words): void {
    this.#slider.setAttribute('aria-label', labels.zoom)
    for (const { element, label } of this.#buttons) {
      const text = labels[label] as string
      element.setAttribute('aria-label', text)
      element.title = text
      const word = element.querySelector('span')
      if (word) word.textContent = text
    }
  }

  #makeSlider(): HTMLInputElement {
    const slider = this.#host.document.createElement('input')
    slider.type = 'range'
    slider.min = '0'
    slider.max = String(SLIDER_STEPS)
    slider.part.add('slider')
    slider.addEventListener('input', (event) => {
      // The element dispatches an `input` event of its own.
      event.stopPropagation()
      this.#host.moves?.zoomTo(zoomFromSlider(Number(slider.value) / SLIDER_STEPS, this.#range.least, this.#range.greatest))
    })
    return slider
  }

  #group(name: string): HTMLElement {
    const group = this.#host.document.createElement('div')
    group.className = name
    return group
  }

  #action(action: Action & Icon, label: keyof Labels): HTMLButtonElement {
    return this.#button(action, label, (event) => this.#host.moves?.act(action, event.shiftKey))
  }

  #button(name: Icon, label: keyof Labels, onClick: (event: MouseEvent) => void): HTMLButtonElement {
    const element = this.#host.document.createElement('button')
    element.type = 'button'
    element.part.add('button', `button-${name.toLowerCase()}`)
    element.append(this.#host.icon(this.#host.document, ICONS[name]))
    element.addEventListener('click', onClick)
    this.#buttons.push({ element, label })
    return element
  }
}

export const create = (host: PartHost): Part => new Controls(host)
