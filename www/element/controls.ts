/** The bar under the stage: zoom slider, rotate and mirror buttons and, with `controls="full"`, four buttons to move the photo. */

import type { Solved } from '../protocol.js'
import type { Action } from './gestures.js'
import { type Icon, icon } from './icons.js'
import type { Labels } from './labels.js'

export interface ControlsHost {
  canUndo(): boolean
  canRedo(): boolean
  act(action: Action, big: boolean): void
  zoomTo(zoom: number): void
  replace(): void
}

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

export class Controls {
  readonly root: HTMLElement
  readonly #slider: HTMLInputElement
  readonly #buttons: { element: HTMLButtonElement; label: keyof Labels }[] = []
  readonly #moves: HTMLElement
  readonly #undo: HTMLButtonElement
  readonly #redo: HTMLButtonElement
  readonly #host: ControlsHost
  readonly #document: Document
  #range = { least: 1, greatest: 1 }

  constructor(document: Document, host: ControlsHost) {
    this.#document = document
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
    const replace = this.#button('replace', 'replace', () => host.replace())
    const reset = this.#action('reset', 'reset')
    for (const button of [reset, replace]) button.append(document.createElement('span'))
    file.append(this.#undo, this.#redo, reset, replace)
    this.root.append(zoom, this.#moves, turns, file)
  }

  /** Shows the solved view. `maxZoom` is the page's own limit. */
  update(solved: Solved | undefined, maxZoom: number, kind: 'bar' | 'full' | 'none', disabled: boolean): void {
    this.root.hidden = kind === 'none' || !solved
    this.#moves.hidden = kind !== 'full'
    for (const { element } of this.#buttons) element.disabled = disabled
    // Not `disabled`: the focus would fall out of the element with the last step.
    this.#undo.ariaDisabled = String(disabled || !this.#host.canUndo())
    this.#redo.ariaDisabled = String(disabled || !this.#host.canRedo())
    if (!solved) return
    const { least, greatest } = solved.zoom
    this.#range = { least, greatest: Math.max(least, Math.min(greatest, maxZoom)) }
    const position = Math.round(sliderFromZoom(solved.view.zoom, this.#range.least, this.#range.greatest) * SLIDER_STEPS)
    this.#slider.disabled = disabled || this.#range.greatest <= least
    this.#slider.setAttribute('aria-valuetext', `${Math.round(solved.view.zoom * 100)}%`)
    // Not while the person drags the slider: writing rounded values back would make it stick.
    if (!this.#slider.matches(':active')) this.#slider.value = String(position)
  }

  /** Sets the texts. */
  setLabels(labels: Labels): void {
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
    const slider = this.#document.createElement('input')
    slider.type = 'range'
    slider.min = '0'
    slider.max = String(SLIDER_STEPS)
    slider.part.add('slider')
    slider.addEventListener('input', (event) => {
      // The element dispatches an `input` event of its own.
      event.stopPropagation()
      this.#host.zoomTo(zoomFromSlider(Number(slider.value) / SLIDER_STEPS, this.#range.least, this.#range.greatest))
    })
    return slider
  }

  #group(name: string): HTMLElement {
    const group = this.#document.createElement('div')
    group.className = name
    return group
  }

  #action(action: Action & Icon, label: keyof Labels): HTMLButtonElement {
    return this.#button(action, label, (event) => this.#host.act(action, event.shiftKey))
  }

  #button(name: Icon, label: keyof Labels, onClick: (event: MouseEvent) => void): HTMLButtonElement {
    const element = this.#document.createElement('button')
    element.type = 'button'
    element.part.add('button', `button-${name.toLowerCase()}`)
    element.append(icon(this.#document, name))
    element.addEventListener('click', onClick)
    this.#buttons.push({ element, label })
    return element
  }
}
