/** Where the photo is: every move goes through here, into the history and to the editor. What moves on the screen ask for is in parts/moves.ts. */

import type { Solved, View } from '../../protocol.js'
import type { Editor } from './editor.js'
import { type Placement, type Shape, isSameShape, offeredShape } from './frame.js'
import { History } from './history.js'
import type { ElementOptions } from '../options.js'

/** What the navigation needs from its element. */
export interface NavigationHost {
  /** Whether the person may move the photo. Scripts always may. */
  enabled(): boolean
  options(): ElementOptions
  initialView(): View
  onMove(): void
}

/** What was when a drag began. */
export interface Grab {
  solved: Solved
  before: Placement
}

export class Navigation {
  readonly #editor: Editor
  readonly #host: NavigationHost
  #history = new History<Placement>()
  readonly #histories = new Map<string, History<Placement>>()
  /** A new object for each grab: its moves are one step of the history. */
  #grabbed: Grab | undefined

  constructor(editor: Editor, host: NavigationHost) {
    this.#editor = editor
    this.#host = host
  }

  /** Whether there is a photo to move, and the person may. */
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
    this.#grabbed = solved && { solved, before: placement }
    return this.#grabbed
  }

  get grabbed(): Grab | undefined {
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
    this.#history = new History()
    this.#histories.clear()
  }

  /** Goes on with the history of another picture of the same photo, and keeps the one of the picture before. */
  useHistory(name: string, former: string): void {
    this.#histories.set(former, this.#history)
    this.#history = this.#histories.get(name) ?? new History()
  }

  /** Goes back to where a drag began, or stops opening a photo. Returns `false` when there is neither. */
  cancel(): boolean {
    const grabbed = this.#grabbed
    if (!grabbed) return this.#host.enabled() && this.#editor.cancelOpening()
    this.release()
    this.moveTo(grabbed.before.view, grabbed, grabbed.before.shape)
    return true
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

  /** Goes back to where the photo started. */
  reset(): void {
    const { facts } = this.#editor
    if (facts) this.moveTo(this.#host.initialView(), {}, offeredShape(this.#host.options(), undefined, facts))
  }
}

function isSame({ view: a, shape }: Placement, { view: b, shape: former }: Placement): boolean {
  const isSameView = a.zoom === b.zoom && a.rotate === b.rotate && a.flip === b.flip
  return isSameView && a.center.x === b.center.x && a.center.y === b.center.y && isSameShape(shape, former)
}

/** Below every photo's least zoom: the solver raises it to that. */
const TINY_ZOOM = 1e-6
