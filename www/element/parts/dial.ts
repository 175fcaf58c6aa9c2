/**
 * The dial that straightens the photo, -45 to 45 degrees beside the quarter turns. The scale moves under a needle; a hidden
 * slider stands for it before the keyboard and screen readers.
 */

import type { Words } from '../languages/index.js'
import type { Part, PartHost } from './host.js'

/** CSS pixels of the scale for each degree. */
const SCALE = 6
const MOST = 45
/** A drag is drawn to 0 within these degrees. */
const SNAP = 0.75
/** Degrees of a step by keyboard; with Shift, or Page Up and Page Down, ten times that. */
const STEP = 0.5

export const styles = `
.dial { position: relative; block-size: 60px; inline-size: min(100%, 480px); margin-inline: auto; direction: ltr; text-align: center; }
.dial input { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; margin: 0; opacity: 0; pointer-events: none; }
.dial:has(:focus-visible) { outline: 3px solid var(--_accent); outline-offset: 2px; border-radius: 10px; }
.scale {
  position: absolute; inset: 16px 0 0; overflow: hidden; cursor: ew-resize; touch-action: pan-y; user-select: none; -webkit-user-select: none;
  mask-image: linear-gradient(to right, transparent, #000 22% 78%, transparent);
}
.scale svg { position: absolute; inset-block-start: 8px; left: 50%; block-size: 36px; inline-size: auto; overflow: visible; stroke-width: 1.25; }
.scale .fine { opacity: .55; }
.scale circle { fill: currentColor; stroke: none; }
.needle { position: absolute; inset-block: 22px 8px; left: calc(50% - 1px); inline-size: 2px; border-radius: 1px; background: var(--_accent); pointer-events: none; }
.degrees { position: relative; font-size: .85em; line-height: 18px; font-variant-numeric: tabular-nums; pointer-events: none; }
.dial[data-disabled] :is(.scale, .needle) { opacity: .4; cursor: default; }
.stage[data-dialing] .frame::after {
  opacity: 1;
  background:
    repeating-linear-gradient(to right, transparent 0 calc(12.5% - 1px), rgb(255 255 255 / 45%) 0 12.5%),
    repeating-linear-gradient(to bottom, transparent 0 calc(12.5% - 1px), rgb(255 255 255 / 45%) 0 12.5%);
}
@media (forced-colors: active) { .needle { forced-color-adjust: none; background: Highlight; } }
`

class Dial implements Part {
  readonly root: HTMLElement
  readonly #host: PartHost
  readonly #input: HTMLInputElement
  readonly #scale: HTMLElement
  readonly #ticks: SVGSVGElement
  readonly #degrees: HTMLElement
  /** Whole quarter turns, in degrees. Kept while the rest is within the scale: at 45 degrees it must not jump to -45. */
  #quarters = 0
  #angle = 0
  #drag: { pointer: number; x: number; angle: number; kind: unknown } | undefined

  constructor(host: PartHost) {
    const { document } = host
    this.#host = host
    const make = (tag: string, className: string): HTMLElement =>
      Object.assign(document.createElement(tag), { className }) as HTMLElement
    this.root = make('div', 'dial')
    this.root.part.add('dial')
    this.#input = document.createElement('input')
    Object.assign(this.#input, { type: 'range', min: -MOST, max: MOST, step: '0.1' })
    this.#input.addEventListener('input', (event) => {
      // The element dispatches an `input` event of its own.
      event.stopPropagation()
      this.#turnTo(Number(this.#input.value), 'dial')
    })
    this.#input.addEventListener('keydown', (event) => this.#onKey(event))
    this.#degrees = make('div', 'degrees')
    this.#degrees.ariaHidden = 'true'
    this.#scale = make('div', 'scale')
    this.#ticks = drawTicks(document)
    this.#scale.append(this.#ticks)
    this.#listen()
    this.root.append(this.#input, this.#degrees, this.#scale, make('i', 'needle'))
  }

  setWords({ labels }: Words): void {
    this.#input.ariaLabel = this.#scale.title = labels.straighten
  }

  update(disabled: boolean): void {
    const { rotate } = this.#host.editor.wanted
    const fine = nearest(rotate - this.#quarters)
    if (Math.abs(fine) > MOST + 1e-6) this.#quarters = Math.ceil(rotate / 90 - 0.5) * 90
    this.#angle = round(nearest(rotate - this.#quarters))
    const text = this.#host.words()?.degrees(this.#angle) ?? ''
    this.#input.disabled = disabled
    this.root.toggleAttribute('data-disabled', disabled)
    this.#input.value = String(this.#angle)
    this.#input.setAttribute('aria-valuetext', text)
    this.#degrees.textContent = text
    this.#ticks.style.transform = `translateX(${-this.#angle * SCALE}px)`
  }

  #turnTo(angle: number, kind: unknown): void {
    this.#host.navigation.rotateTo(this.#quarters + Math.min(MOST, Math.max(-MOST, round(angle))), kind)
  }

  #listen(): void {
    const scale = this.#scale
    scale.addEventListener('pointerdown', (event) => {
      if (this.#input.disabled || event.button !== 0 || this.#drag) return
      scale.setPointerCapture(event.pointerId)
      this.#input.focus({ preventScroll: true })
      // The focus would go on to what is under the pointer, which has none.
      event.preventDefault()
      const kind = this.#host.navigation.grab()
      this.#drag = { pointer: event.pointerId, x: event.clientX, angle: this.#angle, kind }
      this.#host.stage.root.toggleAttribute('data-dialing', true)
    })
    scale.addEventListener('pointermove', (event) => {
      if (event.pointerId !== this.#drag?.pointer) return
      // Escape has given it up.
      if (!this.#host.navigation.isGrabbed(this.#drag.kind)) return this.#release()
      const angle = this.#drag.angle - (event.clientX - this.#drag.x) / SCALE
      this.#turnTo(Math.abs(angle) < SNAP ? 0 : angle, this.#drag.kind)
    })
    for (const type of ['pointerup', 'pointercancel'] as const) {
      scale.addEventListener(type, (event) => {
        if (event.pointerId !== this.#drag?.pointer) return
        this.#release()
        this.#host.navigation.release()
      })
    }
    scale.addEventListener('dblclick', () => !this.#input.disabled && this.#turnTo(0, {}))
  }

  #release(): void {
    this.#drag = undefined
    this.#host.stage.root.removeAttribute('data-dialing')
  }

  #onKey(event: KeyboardEvent): void {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event
    const step = shiftKey ? STEP * 10 : STEP
    const to = {
      ArrowLeft: this.#angle - step,
      ArrowDown: this.#angle - step,
      ArrowRight: this.#angle + step,
      ArrowUp: this.#angle + step,
      PageDown: this.#angle - STEP * 10,
      PageUp: this.#angle + STEP * 10,
      Home: -MOST,
      End: MOST,
      '0': 0,
    }[key]
    if (to === undefined || ctrlKey || metaKey || altKey) return
    event.preventDefault()
    this.#turnTo(to, 'dial')
  }
}

export const create = (host: PartHost): Part => new Dial(host)

const round = (degrees: number): number => Math.round(degrees * 10) / 10

/** The same angle, from -180 to 180. */
const nearest = (degrees: number): number => degrees - 360 * Math.round(degrees / 360)

function drawTicks(document: Document): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(namespace, 'svg')
  svg.setAttribute('width', '1')
  svg.setAttribute('height', '36')
  const path = (isCoarse: boolean): SVGPathElement => {
    const lines: string[] = []
    for (let degree = -MOST; degree <= MOST; degree += 1) {
      if ((degree % 5 === 0) !== isCoarse) continue
      const height = isCoarse ? (degree % 15 === 0 ? 22 : 16) : 10
      lines.push(`M${degree * SCALE} ${36 - height}v${height}`)
    }
    const element = document.createElementNS(namespace, 'path')
    element.setAttribute('d', lines.join(''))
    if (!isCoarse) element.setAttribute('class', 'fine')
    return element
  }
  const zero = document.createElementNS(namespace, 'circle')
  zero.setAttribute('cy', '8')
  zero.setAttribute('r', '2.5')
  svg.append(path(false), path(true), zero)
  return svg
}
