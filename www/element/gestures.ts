/** Pointer, wheel, pinch and keys on the stage, as moves. Knows nothing of photos. */

/** What keys and buttons ask for. */
export type Action =
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'in'
  | 'out'
  | 'reset'
  | 'turnLeft'
  | 'turnRight'
  | 'mirror'
  | 'upsideDown'

export interface Moves {
  /** Whether there is anything to move. */
  active(): boolean
  /** A drag or pinch begins: later {@link Moves.drag} calls are relative to this moment. */
  grab(): void
  /** CSS pixels since the grab, and for a pinch the growth around (x, y) of the stage. */
  drag(dx: number, dy: number, factor: number, x: number, y: number): void
  /** Zooms by a factor around (x, y) of the stage. */
  zoom(factor: number, x: number, y: number): void
  act(action: Action, big: boolean): void
}

export interface GestureOptions {
  wheel(): 'always' | 'ctrl' | 'focus'
  touch(): 'stage' | 'page'
}

/** e-fold of zoom per CSS pixel of wheel; a notch of 100 px zooms by about a fifth. */
const WHEEL = 0.0018
/** The same for a pinch on a touch pad, which arrives as small steps with Ctrl. */
const PAD = 0.01

interface Point {
  x: number
  y: number
}

/** Listens until the signal says stop. */
export function listen(stage: HTMLElement, moves: Moves, options: GestureOptions, signal: AbortSignal): void {
  const drag = new Drag(stage, moves, options)
  const on = <K extends keyof HTMLElementEventMap>(type: K, heard: (event: HTMLElementEventMap[K]) => void): void =>
    stage.addEventListener(type, heard, { signal, passive: false })
  on('pointerdown', (event) => drag.down(event))
  on('pointermove', (event) => drag.move(event))
  on('pointerup', (event) => drag.up(event))
  on('pointercancel', (event) => drag.up(event))
  // With touch="page" the page scrolls under one finger; two fingers are ours.
  on('touchmove', (event) => event.touches.length > 1 && moves.active() && event.cancelable && event.preventDefault())
  on('wheel', (event) => wheel(event, stage, moves, options))
  on('keydown', (event) => key(event, moves))
}

/** The pointers that are down. Positions are offsets in the stage's own box: transforms around it do not matter. */
class Drag {
  readonly #stage: HTMLElement
  readonly #moves: Moves
  readonly #options: GestureOptions
  readonly #points = new Map<number, Point>()
  #from: Point[] = []

  constructor(stage: HTMLElement, moves: Moves, options: GestureOptions) {
    this.#stage = stage
    this.#moves = moves
    this.#options = options
  }

  down(event: PointerEvent): void {
    if (!this.#moves.active() || event.button !== 0 || this.#points.size >= 2) return
    this.#points.set(event.pointerId, { x: event.offsetX, y: event.offsetY })
    this.#stage.setPointerCapture(event.pointerId)
    this.#stage.toggleAttribute('data-grabbed', true)
    this.#grab()
  }

  move(event: PointerEvent): void {
    if (!this.#points.has(event.pointerId)) return
    if (event.pointerType === 'touch' && this.#options.touch() === 'page' && this.#points.size < 2) return
    this.#points.set(event.pointerId, { x: event.offsetX, y: event.offsetY })
    const [from, to] = [middle(this.#from), middle([...this.#points.values()])]
    const spread = distance(this.#from)
    const factor = spread > 0 ? Math.max(1, distance([...this.#points.values()])) / spread : 1
    this.#moves.drag(to.x - from.x, to.y - from.y, factor, from.x, from.y)
  }

  up(event: PointerEvent): void {
    if (!this.#points.delete(event.pointerId)) return
    this.#stage.toggleAttribute('data-grabbed', this.#points.size > 0)
    if (this.#points.size > 0) this.#grab()
  }

  #grab(): void {
    this.#from = [...this.#points.values()]
    this.#moves.grab()
  }
}

function middle(points: Point[]): Point {
  const sum = points.reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y }), { x: 0, y: 0 })
  return { x: sum.x / points.length, y: sum.y / points.length }
}

function distance([a, b]: Point[]): number {
  return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0
}

function wheel(event: WheelEvent, stage: HTMLElement, moves: Moves, options: GestureOptions): void {
  const held = event.ctrlKey || event.metaKey
  const mode = options.wheel()
  const focused = stage.matches(':focus')
  if (!moves.active() || (mode === 'ctrl' && !held) || (mode === 'focus' && !held && !focused)) return
  event.preventDefault()
  const unit = [1, 16, stage.clientHeight][event.deltaMode] ?? 1
  const pixels = Math.max(-300, Math.min(300, event.deltaY * unit))
  // A pinch on a touch pad comes as fine steps with Ctrl; a real wheel with Ctrl comes in notches.
  const rate = event.ctrlKey && Math.abs(pixels) < 40 ? PAD : WHEEL
  moves.zoom(Math.exp(-pixels * rate), event.offsetX, event.offsetY)
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
  '0': 'reset',
}

function key(event: KeyboardEvent, moves: Moves): void {
  const action = KEYS[event.key]
  if (!action || !moves.active() || event.altKey || event.ctrlKey || event.metaKey) return
  event.preventDefault()
  moves.act(action, event.shiftKey)
}
