/** Turns pointer, wheel, pinch and key events on the stage into moves. Knows nothing of photos. */

import type { Action, Part, PartHost } from './host.js'
import { Moves } from './moves.js'
import { Motion } from './motion.js'
import { paint } from './paint.js'
import { Twist } from './twist.js'

/** Zoom per CSS pixel of wheel, as an exponent of e: a notch of 100 px zooms by about a fifth. */
const WHEEL_RATE = 0.0018
/** The same for a pinch on a touch pad, which browsers report as small wheel steps with Ctrl. */
const PINCH_RATE = 0.01

interface Point {
  x: number
  y: number
}

export { styles } from './stage-styles.js'

/** Listens on the stage, and for commands on the whole element, for as long as that lives. */
export function create(host: PartHost): Part {
  const { element, navigation } = host
  const stage = host.stage.root
  const moves = (host.moves = new Moves(host))
  host.stage.paint = paint
  const pointers = new PointerTracker(host, moves)
  const on = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void): void =>
    stage.addEventListener(type, listener, { passive: false })
  on('pointerdown', (event) => pointers.down(event))
  on('pointermove', (event) => pointers.move(event))
  on('pointerup', (event) => pointers.up(event))
  on('pointercancel', (event) => pointers.up(event))
  // With touch="page" one finger scrolls the page; two fingers move the photo.
  on('touchmove', (event) => event.touches.length > 1 && navigation.active() && event.cancelable && event.preventDefault())
  on('wheel', (event) => onWheel(event, host, moves))
  on('dblclick', (event) => {
    const { x, y } = position(event, stage)
    if (navigation.active()) moves.doubleTap(x, y)
  })
  on('keydown', (event) => onKey(event, host, moves))
  // Undo and Escape also where a button has the focus.
  element.addEventListener('keydown', (event) => onCommand(event, host, moves))
  return { setWords: () => undefined, update: () => undefined }
}

/** Tracks the pointers that are down. Positions are offsets in the stage's own box, which CSS transforms do not change. */
class PointerTracker {
  readonly #host: PartHost
  readonly #moves: Moves
  readonly #motion: Motion
  readonly #points = new Map<number, Point>()
  #from: Point[] = []
  #twist = new Twist(0)
  #kind: unknown

  constructor(host: PartHost, moves: Moves) {
    this.#host = host
    this.#moves = moves
    this.#motion = new Motion(host)
  }

  get #stage(): HTMLElement {
    return this.#host.stage.root
  }

  down(event: PointerEvent): void {
    if (!this.#host.navigation.active() || event.button !== 0 || this.#points.size >= 2) return
    this.#points.set(event.pointerId, position(event, this.#stage))
    this.#stage.setPointerCapture(event.pointerId)
    this.#stage.toggleAttribute('data-grabbed', true)
    this.#grab()
  }

  move(event: PointerEvent): void {
    if (!this.#points.has(event.pointerId)) return
    if (event.pointerType === 'touch' && this.#host.options().touch === 'page' && this.#points.size < 2) return
    this.#points.set(event.pointerId, position(event, this.#stage))
    const { navigation, options } = this.#host
    const [points, from] = [[...this.#points.values()], middle(this.#from)]
    const to = middle(points)
    const spread = distance(this.#from)
    const factor = spread > 0 ? Math.max(1, distance(points)) / spread : 1
    const turn = spread > 0 && options().straighten ? this.#twist.turn(angle(points) - angle(this.#from), factor) : 0
    this.#moves.drag(to.x - from.x, to.y - from.y, factor, from.x, from.y, turn)
    if (navigation.isGrabbed(this.#kind)) this.#motion.pull(to.x, to.y, event.timeStamp)
    else this.#motion.spring()
  }

  up(event: PointerEvent): void {
    if (!this.#points.delete(event.pointerId)) return
    this.#stage.toggleAttribute('data-grabbed', this.#points.size > 0)
    if (this.#points.size > 0) return this.#grab()
    const { navigation } = this.#host
    const [from, to] = [this.#from[0] ?? { x: 0, y: 0 }, position(event, this.#stage)]
    const isThrow = event.type === 'pointerup' && event.pointerType === 'touch' && navigation.isGrabbed(this.#kind)
    const kind = this.#kind
    const done = (): void => void (navigation.isGrabbed(kind) && navigation.release())
    const move = ({ x, y }: Point): void => void (navigation.isGrabbed(kind) && this.#moves.drag(x, y, 1, 0, 0))
    if (isThrow) return this.#motion.throwOn({ x: to.x - from.x, y: to.y - from.y }, event.timeStamp, move, done)
    done()
    this.#motion.spring()
  }

  #grab(): void {
    this.#from = [...this.#points.values()]
    this.#kind = this.#host.navigation.grab()
    this.#twist = new Twist(this.#host.editor.wanted.rotate)
    this.#motion.start()
  }
}

/** Where an event is in the stage's own box, which CSS transforms do not change; also over a handle. */
function position({ offsetX, offsetY, target }: MouseEvent, stage: HTMLElement): Point {
  let [x, y] = [offsetX, offsetY]
  for (let at = target as HTMLElement | null; at && at !== stage; at = at.offsetParent as HTMLElement | null) {
    x += at.offsetLeft + at.clientLeft
    y += at.offsetTop + at.clientTop
  }
  return { x, y }
}

function middle(points: Point[]): Point {
  const sum = points.reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y }), { x: 0, y: 0 })
  return { x: sum.x / points.length, y: sum.y / points.length }
}

function distance([a, b]: Point[]): number {
  return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0
}

/** Degrees of the line between two points; more is further clockwise. */
function angle([a, b]: Point[]): number {
  return a && b ? (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI : 0
}

function onWheel(event: WheelEvent, { stage: { root: stage }, navigation, options }: PartHost, moves: Moves): void {
  const withModifier = event.ctrlKey || event.metaKey
  const mode = options().wheel
  const focused = stage.matches(':focus')
  if (!navigation.active() || (mode === 'ctrl' && !withModifier) || (mode === 'focus' && !withModifier && !focused)) return
  event.preventDefault()
  const unit = [1, 16, stage.clientHeight][event.deltaMode] ?? 1
  const pixels = Math.max(-300, Math.min(300, event.deltaY * unit))
  // With Ctrl, fine steps are a pinch on a touch pad, and coarse ones are the notches of a real wheel.
  const rate = event.ctrlKey && Math.abs(pixels) < 40 ? PINCH_RATE : WHEEL_RATE
  const { x, y } = position(event, stage)
  moves.zoom(Math.exp(-pixels * rate), x, y)
}

const KEYS: Record<string, Action> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  '+': 'in',
  '=': 'in',
  '-': 'out',
  _: 'out',
  Home: 'least',
  End: 'greatest',
  r: 'turnRight',
  R: 'turnLeft',
  f: 'mirror',
  F: 'upsideDown',
  '0': 'reset',
}

/** With Ctrl, or Command. */
const COMMANDS: Record<string, Action> = { z: 'undo', Z: 'redo', y: 'redo' }

function onKey(event: KeyboardEvent, host: PartHost, moves: Moves): void {
  if (event.ctrlKey || event.metaKey) return
  run(KEYS[latinKey(event)], event, host, moves)
}

function onCommand(event: KeyboardEvent, host: PartHost, moves: Moves): void {
  // What has been given up here must not also close the page's dialog.
  if (event.key === 'Escape' && host.navigation.cancel()) event.preventDefault()
  if (event.ctrlKey || event.metaKey) run(COMMANDS[latinKey(event)], event, host, moves)
}

function run(action: Action | undefined, event: KeyboardEvent, host: PartHost, moves: Moves): void {
  if (!action || !host.navigation.active() || event.altKey) return
  event.preventDefault()
  moves.act(action, event.shiftKey)
}

/** The key's text; of a keyboard with other letters, the Latin one in that place. */
function latinKey({ key, code, shiftKey }: KeyboardEvent): string {
  if (key.length !== 1 || key.charCodeAt(0) < 128 || !code.startsWith('Key')) return key
  const letter = code.slice(3)
  return shiftKey ? letter : letter.toLowerCase()
}
