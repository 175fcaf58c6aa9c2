/** Turns moves on the screen (drags, zooms around a point, keys, buttons) into wanted views for the editor. */

import type { Solved, View } from '../protocol.js'
import type { Editor } from './editor.js'
import { type Placement, type Shape, isSameShape, offeredShape, ratioOf, turnedShape } from './frame.js'
import { baseWidth, panned, toggleFlip, zoomedAt } from './geometry.js'
import type { Action, GestureHandler } from './parts/gestures.js'
import { History } from './history.js'
import type { ElementOptions } from './options.js'
import type { Box } from './stage.js'

/** A step of the arrow keys and buttons, in frame widths; with Shift ten times that. */
const STEP = 0.01
/** The factor of the zoom keys and buttons; with Shift its fourth power. */
const ZOOM_STEP = 1.1

/** What the navigation needs from its element. */
export interface NavigationHost {
  /** Whether the person may move the photo. Scripts always may. */
  enabled(): boolean
  options(): ElementOptions
  /** The frame's box in the stage. */
  box(): Box
  initialView(): View
  onMove(): void
}

interface Grab {
  solved: Solved
  zoom: number
  before: Placement
}

export class Navigation implements GestureHandler {
  readonly #editor: Editor
  readonly #host: NavigationHost
  readonly #history = new History<Placement>()
  /** A new object for each grab: its moves are one step of the history. */
  #grabbed: Grab | undefined

  constructor(editor: Editor, host: NavigationHost) {
    this.#editor = editor
    this.#host = host
  }

  active(): boolean {
    const { solved, proxy, state } = this.#editor
    return solved !== undefined && proxy !== undefined && state !== 'opening' && this.#host.enabled()
  }

  get canUndo(): boolean {
    return this.#history.canUndo
  }

  get canRedo(): boolean {
    return this.#history.canRedo
  }

  /** Moves the photo to a wanted view, under a frame. Moves of one kind that follow each other closely are undone together. */
  moveTo(view: View, kind: unknown = 'script', shape: Shape | undefined = this.#editor.shape): void {
    const { placement } = this.#editor
    const next = { view, shape }
    if (isSame(next, placement)) return
    this.#history.record(placement, kind, performance.now())
    this.#show(next, kind === 'zoom' || kind === 'dial' || kind === 'frame' || this.isGrabbed(kind))
  }

  undo(): void {
    this.#show(this.#history.undo(this.#editor.placement))
  }

  redo(): void {
    this.#show(this.#history.redo(this.#editor.placement))
  }

  #show(placement: Placement | undefined, isGesture = false): void {
    if (!placement) return
    this.#editor.place(placement, isGesture)
    this.#host.onMove()
  }

  /** A drag begins. The result is the kind of its moves: they are one step of the history, and {@link cancel} takes them back. */
  grab(): unknown {
    const { solved, placement } = this.#editor
    this.#grabbed = solved && { solved, zoom: this.#currentZoom(solved), before: placement }
    return this.#grabbed
  }

  /** Whether this drag is still going on. */
  isGrabbed(kind: unknown): boolean {
    return kind !== undefined && kind === this.#grabbed
  }

  /** The pointer lets go. */
  release(): void {
    this.#grabbed = undefined
  }

  /** Another photo is open: nothing of the one before counts any more. */
  restart(): void {
    this.release()
    this.#history.clear()
  }

  /** Goes back to where a drag began, or stops opening a photo. Returns `false` when there is neither. */
  cancel(): boolean {
    const grabbed = this.#grabbed
    if (!grabbed) return this.#host.enabled() && this.#editor.cancelOpening()
    this.release()
    this.moveTo(grabbed.before.view, grabbed, grabbed.before.shape)
    return true
  }

  drag(dx: number, dy: number, factor: number, x: number, y: number, turn = 0): void {
    const { facts } = this.#editor
    if (!this.#grabbed || !facts || !this.active()) return
    const { solved, zoom } = this.#grabbed
    const { width } = this.#host.box()
    const rotate = solved.view.rotate + turn
    const isPan = factor === 1 && turn === 0
    const zoomed = isPan ? { ...solved.view, zoom } : this.#zoomAround(solved, zoom * factor, x, y, rotate)
    const target = this.#editor.preview(zoomed)?.solved ?? solved
    // The centre is the wanted one, not the solved one: otherwise a pinch at an edge would drift away from the fingers.
    const wanted = panned(facts, { ...target, crop: recentred(target, zoomed, facts) }, dx / width, dy / width)
    this.moveTo({ ...wanted, zoom: zoomed.zoom }, this.#grabbed)
  }

  zoom(factor: number, x: number, y: number): void {
    const { solved } = this.#editor
    if (solved) this.moveTo(this.#zoomAround(solved, this.#currentZoom(solved) * factor, x, y), 'zoom')
  }

  /** Zooms in at a point, or out again. */
  doubleTap(x: number, y: number): void {
    const { solved } = this.#editor
    if (!solved) return
    const { least } = solved.zoom
    const isZoomed = this.#currentZoom(solved) > least * 1.01
    this.moveTo(this.#zoomAround(solved, isZoomed ? least : least * 2, x, y), {})
  }

  /** Zooms around the frame's centre. */
  zoomTo(zoom: number): void {
    const { left, top, width, height } = this.#host.box()
    const { solved } = this.#editor
    if (solved) this.moveTo(this.#zoomAround(solved, zoom, left + width / 2, top + height / 2), 'zoom')
  }

  /**
   * Rotates to an angle. A photo that just filled the frame fills it again after a quarter turn, and a turn back restores
   * the view.
   */
  rotateTo(degrees: number, kind: unknown = 'rotate'): void {
    const { solved, wanted } = this.#editor
    if (!solved) return
    const fillsFrame = solved.view.zoom <= solved.zoom.least && this.#host.options().background === undefined
    const zoom = fillsFrame && degrees % 90 === 0 ? Math.min(wanted.zoom, TINY_ZOOM) : wanted.zoom
    this.moveTo({ ...wanted, rotate: degrees, zoom }, kind)
  }

  /** A quarter turn. Where the page allows it, the frame turns with the photo, and shows the same part. */
  #turnBy(degrees: number): void {
    const { solved, wanted, shape, facts } = this.#editor
    const turned = turnedShape(this.#host.options(), shape)
    if (!solved || !facts || turned === undefined) return this.rotateTo(wanted.rotate + degrees, {})
    const zoom = baseWidth(facts, ratioOf(turned)) / solved.crop.height
    this.moveTo({ ...wanted, zoom, rotate: wanted.rotate + degrees }, {}, turned)
  }

  act(action: Action, big: boolean): void {
    const { solved, wanted, facts } = this.#editor
    if (!solved || !facts) return
    const step = big ? STEP * 10 : STEP
    const move = (dx: number, dy: number): void => this.moveTo({ ...panned(facts, solved, dx, dy), zoom: wanted.zoom }, 'move')
    const factor = big ? ZOOM_STEP ** 4 : ZOOM_STEP
    const actions: Record<Action, () => void> = {
      left: () => move(-step, 0),
      right: () => move(step, 0),
      up: () => move(0, -step),
      down: () => move(0, step),
      in: () => this.zoomTo(this.#currentZoom(solved) * factor),
      out: () => this.zoomTo(this.#currentZoom(solved) / factor),
      least: () => this.zoomTo(solved.zoom.least),
      greatest: () => this.zoomTo(solved.zoom.greatest),
      turnLeft: () => this.#turnBy(-90),
      turnRight: () => this.#turnBy(90),
      mirror: () => this.#mirror('horizontal'),
      upsideDown: () => this.#mirror('vertical'),
      reset: () => this.reset(),
      undo: () => this.undo(),
      redo: () => this.redo(),
    }
    actions[action]()
  }

  /** Goes back to where the photo started. */
  reset(): void {
    const { facts } = this.#editor
    if (facts) this.moveTo(this.#host.initialView(), {}, offeredShape(this.#host.options(), undefined, facts))
  }

  /** Mirrors what is shown: a photo that leans to one side then leans to the other. */
  #mirror(axis: 'horizontal' | 'vertical'): void {
    const { wanted } = this.#editor
    this.moveTo({ ...wanted, rotate: -wanted.rotate, flip: toggleFlip(wanted.flip, axis) }, {})
  }

  #zoomAround(solved: Solved, zoom: number, x: number, y: number, rotate?: number): View {
    const { facts } = this.#editor
    if (!facts) return solved.view
    const { background } = this.#host.options()
    const { left, top, width, height } = this.#host.box()
    const clamped = Math.max(solved.zoom.least, Math.min(solved.zoom.greatest, zoom))
    const [u, v] = [(x - left - width / 2) / width, (y - top - height / 2) / width]
    return zoomedAt(facts, this.#editor.aspect, background !== undefined, solved, clamped, u, v, rotate)
  }

  /** The wanted zoom, brought within its bounds. Unlike the solved zoom it is not rounded to the grid. */
  #currentZoom(solved: Solved): number {
    return Math.min(solved.zoom.greatest, Math.max(solved.zoom.least, this.#editor.wanted.zoom))
  }
}

function isSame({ view: a, shape }: Placement, { view: b, shape: former }: Placement): boolean {
  const isSameView = a.zoom === b.zoom && a.rotate === b.rotate && a.flip === b.flip
  return isSameView && a.center.x === b.center.x && a.center.y === b.center.y && isSameShape(shape, former)
}

/** Below every photo's least zoom: the solver raises it to that. */
const TINY_ZOOM = 1e-6

/** The crop, moved to a view's centre. */
function recentred(solved: Solved, view: View, facts: { width: number; height: number }): Solved['crop'] {
  const { width, height } = solved.crop
  return { x: view.center.x * facts.width - width / 2, y: view.center.y * facts.height - height / 2, width, height }
}
