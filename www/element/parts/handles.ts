/**
 * The handles of a free frame: four corners and four edges. While one is dragged the photo stays and the frame's edges move;
 * afterwards the frame goes back to the middle of the stage, and the photo with it.
 */

import type { Labels } from '../languages/labels.js'
import type { Words } from '../languages/index.js'
import type { Solved } from '../../protocol.js'
import type { Part, PartHost } from './host.js'
import type { Box } from '../screen/stage.js'

/** Each handle: its label, and the sides that it moves (-1 left or top, 1 right or bottom). */
const HANDLES = [
  ['topLeft', -1, -1],
  ['top', 0, -1],
  ['topRight', 1, -1],
  ['right', 1, 0],
  ['bottomRight', 1, 1],
  ['bottom', 0, 1],
  ['bottomLeft', -1, 1],
  ['left', -1, 0],
] as const

/** CSS pixels that a side of the frame keeps. */
const LEAST = 40
/** CSS pixels that the frame keeps from the stage's edge. */
const MARGIN = 6
/** The longest side is at most so many times the other one. */
const LONGEST = 20
/** A step of the arrow keys, in sides of the frame; with Shift ten times that. */
const STEP = 0.01
const SETTLE_MS = 220

export const styles = `
.handles { position: absolute; inset: 0; container-type: size; }
.handles button {
  position: absolute; inline-size: 44px; block-size: 44px; padding: 0; border: 0; background: none; color: #fff; pointer-events: auto; touch-action: none;
}
/* Inside of a small frame a handle takes no more than half of the side. */
.handles [data-x='-1'] { left: calc(min(22px, 50%) - 44px); }
.handles [data-x='1'] { right: calc(min(22px, 50%) - 44px); }
.handles [data-y='-1'] { top: calc(min(22px, 50%) - 44px); }
.handles [data-y='1'] { bottom: calc(min(22px, 50%) - 44px); }
.handles [data-x='0'] { left: 22px; right: 22px; inline-size: auto; cursor: ns-resize; }
.handles [data-y='0'] { top: 22px; bottom: 22px; block-size: auto; cursor: ew-resize; }
.handles [data-x='-1'][data-y='-1'], .handles [data-x='1'][data-y='1'] { cursor: nwse-resize; }
.handles [data-x='1'][data-y='-1'], .handles [data-x='-1'][data-y='1'] { cursor: nesw-resize; }
@container (max-width: 87px) { .handles [data-x='0'] { display: none; } }
@container (max-height: 87px) { .handles [data-y='0'] { display: none; } }
.handles button::before {
  content: ''; position: absolute; box-sizing: border-box; border: 0 solid; inline-size: 22px; block-size: 22px; filter: drop-shadow(0 0 1.5px rgb(0 0 0 / 70%));
}
.handles [data-x='-1']::before { left: calc(44px - min(22px, 50cqw) - 4px); border-left-width: 4px; }
.handles [data-x='1']::before { right: calc(44px - min(22px, 50cqw) - 4px); border-right-width: 4px; }
.handles [data-y='-1']::before { top: calc(44px - min(22px, 50cqh) - 4px); border-top-width: 4px; }
.handles [data-y='1']::before { bottom: calc(44px - min(22px, 50cqh) - 4px); border-bottom-width: 4px; }
.handles [data-x='0']::before { left: calc(50% - 14px); inline-size: 28px; }
.handles [data-y='0']::before { top: calc(50% - 14px); block-size: 28px; }
.handles button:focus-visible { outline: none; }
.handles button:focus-visible::before { color: var(--_accent); outline: 2px solid #fff; outline-offset: 2px; }
.handles button:disabled { display: none; }
.size {
  position: absolute; inset-inline: 0; bottom: 10px; margin: auto; inline-size: max-content; max-inline-size: none; left: 50%; translate: -50%;
  padding: 3px 9px; border-radius: 999px; background: rgb(0 0 0 / 70%); color: #fff; font-size: .8em; white-space: nowrap; font-variant-numeric: tabular-nums;
  visibility: hidden;
}
.handles:is([data-held], :has(button:focus-visible)) .size { visibility: visible; }
.stage:has(.handles[data-held]) .frame::after { opacity: 1; }
@media (forced-colors: active) {
  .handles button::before { forced-color-adjust: none; color: CanvasText; filter: none; }
  .handles button:focus-visible::before { color: Highlight; outline-color: Highlight; }
}
`

/** Left, top, right and bottom of the frame, in CSS pixels from the middle that it had. */
type Edges = readonly [number, number, number, number]

/** What the frame was when its handle was taken. */
interface Start {
  solved: Solved
  box: Box
  kind: unknown
}

class Handles implements Part {
  readonly root: HTMLElement
  readonly #host: PartHost
  readonly #buttons: { element: HTMLButtonElement; label: keyof Labels }[]
  readonly #size: HTMLElement
  readonly #keys: HTMLElement
  #drag: (Start & { pointer: number; x: number; y: number }) | undefined
  #settling = 0

  constructor(host: PartHost) {
    const { document } = host
    this.#host = host
    this.root = document.createElement('div')
    this.root.className = 'handles'
    this.root.part.add('handles')
    this.#buttons = HANDLES.map(([label, x, y]) => ({ label, element: this.#makeHandle(x, y) }))
    this.#size = document.createElement('div')
    this.#size.className = 'size'
    this.#size.part.add('size')
    this.#keys = document.createElement('div')
    this.#keys.id = 'handle-keys'
    this.#keys.hidden = true
    this.root.append(...this.#buttons.map(({ element }) => element), this.#size, this.#keys)
  }

  setWords({ labels }: Words): void {
    for (const { element, label } of this.#buttons) element.ariaLabel = labels[label] as string
    this.#keys.textContent = labels.handleKeys
  }

  update(disabled: boolean): void {
    const { shape, aspect } = this.#host.editor
    this.root.hidden = typeof shape !== 'number'
    for (const { element } of this.#buttons) element.disabled = disabled
    const words = this.#host.words()
    this.#size.textContent = words?.say(words.labels.size, { width: aspect[0], height: aspect[1] }) ?? ''
  }

  #makeHandle(x: number, y: number): HTMLButtonElement {
    const handle = this.#host.document.createElement('button')
    handle.type = 'button'
    handle.part.add('handle')
    handle.dataset.x = String(x)
    handle.dataset.y = String(y)
    handle.setAttribute('aria-describedby', 'handle-keys')
    handle.addEventListener('pointerdown', (event) => this.#grab(event, handle))
    handle.addEventListener('pointermove', (event) => this.#move(event, x, y))
    for (const type of ['pointerup', 'lostpointercapture'] as const) handle.addEventListener(type, (event) => this.#letGo(event))
    handle.addEventListener('dblclick', (event) => event.stopPropagation())
    handle.addEventListener('keydown', (event) => this.#onKey(event, x, y))
    return handle
  }

  #grab(event: PointerEvent, handle: HTMLElement): void {
    // Otherwise the stage would take the photo.
    event.stopPropagation()
    const { navigation, stage, editor } = this.#host
    if (this.#drag || event.button !== 0 || !navigation.active() || !editor.solved) return
    handle.setPointerCapture(event.pointerId)
    // On its way back it stays where it is.
    cancelAnimationFrame(this.#settling)
    const { pointerId: pointer, clientX: x, clientY: y } = event
    this.#drag = { pointer, x, y, solved: editor.solved, box: stage.box, kind: navigation.grab() }
    this.root.toggleAttribute('data-held', true)
  }

  #move(event: PointerEvent, x: number, y: number): void {
    const drag = this.#drag
    if (event.pointerId !== drag?.pointer) return
    // Escape has given it up.
    if (!this.#host.navigation.isGrabbed(drag.kind)) return this.#end()
    const edges = this.#reshape(drag, x, y, event.clientX - drag.x, event.clientY - drag.y)
    const { left, top, width, height } = drag.box
    const [l, t, r, b] = edges
    this.#host.stage.hold({ left: left + width / 2 + l, top: top + height / 2 + t, width: r - l, height: b - t })
  }

  #letGo(event: PointerEvent): void {
    if (event.pointerId !== this.#drag?.pointer) return
    this.#host.navigation.release()
    this.#end()
  }

  #end(): void {
    this.#drag = undefined
    this.root.removeAttribute('data-held')
    this.#settle()
  }

  /** Moves the sides of a handle by CSS pixels, as far as they may go, and gives the edges. */
  #reshape(start: Start, x: number, y: number, dx: number, dy: number): Edges {
    const { editor, navigation, toSource } = this.#host
    const { facts } = editor
    const { box, solved, kind } = start
    const from: Edges = [-box.width / 2, -box.height / 2, box.width / 2, box.height / 2]
    if (!facts) return from
    const across = this.#limit(start, [from[0] + (x < 0 ? dx : 0), from[1], from[2] + (x > 0 ? dx : 0), from[3]], x, 0)
    const wide = this.#furthest(start, from, across)
    const down = this.#limit(start, [wide[0], wide[1] + (y < 0 ? dy : 0), wide[2], wide[3] + (y > 0 ? dy : 0)], 0, y)
    const [l, t, r, b] = this.#furthest(start, wide, down)
    const { crop } = solved
    const [sx, sy] = scaleOf(start)
    const shape = ((r - l) * sx) / ((b - t) * sy)
    const [mx, my] = toSource(solved.view, ((l + r) / 2) * sx, ((t + b) / 2) * sy)
    const center = {
      x: (crop.x + crop.width / 2 + mx) / facts.width,
      y: (crop.y + crop.height / 2 + my) / facts.height,
    }
    const zoom = Math.min(facts.width, facts.height * shape) / ((r - l) * sx)
    navigation.moveTo({ ...editor.wanted, center, zoom }, kind, shape)
    return [l, t, r, b]
  }

  /** Keeps the sides that move within the stage, and apart by what the smallest frame has. */
  #limit({ box, solved }: Start, [l, t, r, b]: Edges, x: number, y: number): Edges {
    const { minWidth, minHeight } = this.#host.options()
    const { clientWidth, clientHeight } = this.#host.stage.root
    const [middleX, middleY] = [box.left + box.width / 2, box.top + box.height / 2]
    const pixel = box.width / solved.crop.width
    // A frame that is smaller than this already stays as it is.
    const leastX = Math.max(Math.min(LEAST, box.width), Math.max(1, minWidth) * pixel, (b - t) / LONGEST)
    const leastY = Math.max(Math.min(LEAST, box.height), Math.max(1, minHeight) * pixel, (r - l) / LONGEST)
    return [
      x < 0 ? Math.max(MARGIN - middleX, Math.min(l, r - leastX)) : l,
      y < 0 ? Math.max(MARGIN - middleY, Math.min(t, b - leastY)) : t,
      x > 0 ? Math.min(clientWidth - MARGIN - middleX, Math.max(r, l + leastX)) : r,
      y > 0 ? Math.min(clientHeight - MARGIN - middleY, Math.max(b, t + leastY)) : b,
    ]
  }

  /** As far on the way between two frames as all corners lie on the photo. */
  #furthest(start: Start, from: Edges, to: Edges): Edges {
    const { options, toSource, editor } = this.#host
    const { solved } = start
    const { facts } = editor
    if (!facts || options().background !== undefined) return to
    const [scaleX, scaleY] = scaleOf(start)
    const [cx, cy] = [solved.crop.x + solved.crop.width / 2, solved.crop.y + solved.crop.height / 2]
    const lies = (u: number, v: number): boolean => {
      const [x, y] = toSource(solved.view, u * scaleX, v * scaleY)
      const slack = 1 / 64
      return cx + x > -slack && cy + y > -slack && cx + x < facts.width + slack && cy + y < facts.height + slack
    }
    const at = (part: number): Edges => [0, 1, 2, 3].map((i) => mix(from[i] ?? 0, to[i] ?? 0, part)) as unknown as Edges
    const fits = ([l, t, r, b]: Edges): boolean => lies(l, t) && lies(r, t) && lies(l, b) && lies(r, b)
    if (fits(to)) return to
    let [low, high] = [0, 1]
    for (let i = 0; i < 24; i += 1) {
      const part = (low + high) / 2
      if (fits(at(part))) low = part
      else high = part
    }
    return at(low)
  }

  #onKey(event: KeyboardEvent, x: number, y: number): void {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event
    const dx = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0
    const dy = { ArrowUp: -1, ArrowDown: 1 }[key] ?? 0
    if ((dx === 0 && dy === 0) || ctrlKey || metaKey || altKey) return
    // Also where the handle does not move that way: the photo should not move instead.
    event.preventDefault()
    event.stopPropagation()
    const { stage, editor, navigation } = this.#host
    if (this.#drag || !navigation.active() || !editor.solved || (dx * x === 0 && dy * y === 0)) return
    this.#stopSettling()
    const step = shiftKey ? STEP * 10 : STEP
    const box = stage.fit(editor.aspect, true)
    this.#reshape({ solved: editor.solved, box, kind: 'frame' }, x, y, dx * box.width * step, dy * box.height * step)
  }

  /** Brings the frame back to the middle of the stage. */
  #settle(): void {
    const { stage, editor, redraw, document } = this.#host
    const from = stage.box
    const start = performance.now()
    const duration = document.defaultView?.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : SETTLE_MS
    const step = (now: number): void => {
      const part = duration ? Math.min(1, Math.max(0, (now - start) / duration)) : 1
      const eased = 1 - (1 - part) ** 3
      const to = stage.fit(editor.aspect, true)
      stage.hold(part === 1 ? undefined : mixBoxes(from, to, eased))
      redraw()
      this.#settling = part === 1 ? 0 : requestAnimationFrame(step)
    }
    step(start)
  }

  #stopSettling(): void {
    cancelAnimationFrame(this.#settling)
    this.#settling = 0
    this.#host.stage.hold(undefined)
  }
}

export const create = (host: PartHost): Part => new Handles(host)

/** Source pixels of a CSS pixel, across and down: the box has whole CSS pixels. */
const scaleOf = ({ solved, box }: Start): [number, number] => [solved.crop.width / box.width, solved.crop.height / box.height]

const mix = (from: number, to: number, part: number): number => from + (to - from) * part

function mixBoxes(from: Box, to: Box, part: number): Box {
  return {
    left: mix(from.left, to.left, part),
    top: mix(from.top, to.top, part),
    width: mix(from.width, to.width, part),
    height: mix(from.height, to.height, part),
  }
}
