/** Moves on the screen as wishes for the editor: drags, zooms around a point, steps of keys and buttons. */

import type { Solved, View } from '../protocol.js'
import type { Editor } from './editor.js'
import { panned, solve, toggleFlip, zoomedAt } from './geometry.js'
import type { Action, Moves } from './gestures.js'
import type { Options } from './options.js'
import type { Box } from './stage.js'

/** A step of the arrow keys, in frame widths; with Shift, or on a big press, ten times that. */
const STEP = 0.01
/** A step of the zoom keys and buttons. */
const ZOOM_STEP = 1.1

export class Mover implements Moves {
  readonly #editor: Editor
  readonly #options: () => Options
  readonly #box: () => Box
  readonly #start: () => View
  readonly #moved: () => void
  #grabbed: { solved: Solved; zoom: number } | undefined

  constructor(editor: Editor, options: () => Options, box: () => Box, start: () => View, moved: () => void) {
    this.#editor = editor
    this.#options = options
    this.#box = box
    this.#start = start
    this.#moved = moved
  }

  active(): boolean {
    return this.#editor.solved !== undefined && this.#editor.proxy !== undefined
  }

  want(view: View): void {
    this.#editor.want(view)
    this.#moved()
  }

  grab(): void {
    const { solved } = this.#editor
    this.#grabbed = solved && { solved, zoom: this.#zoomNow(solved) }
  }

  drag(dx: number, dy: number, factor: number, x: number, y: number): void {
    const { facts } = this.#editor
    if (!this.#grabbed || !facts) return
    const { solved, zoom } = this.#grabbed
    const { width } = this.#box()
    const zoomed = factor === 1 ? { ...solved.view, zoom } : this.#around(solved, zoom * factor, x, y)
    const { aspect, background } = this.#options()
    const there = solve(facts, aspect, background !== undefined, this.#limited(zoomed))
    // The wish, not its solution, carries the centre: else a pinch at an edge would lose its way.
    const wished = panned(facts, { ...there, crop: centred(there, zoomed, facts) }, dx / width, dy / width)
    this.want({ ...wished, zoom: zoomed.zoom })
  }

  zoom(factor: number, x: number, y: number): void {
    const { solved } = this.#editor
    if (solved) this.want(this.#around(solved, this.#zoomNow(solved) * factor, x, y))
  }

  /** Zooms around the frame's centre. */
  zoomTo(zoom: number): void {
    const { left, top, width, height } = this.#box()
    const { solved } = this.#editor
    if (solved) this.want(this.#around(solved, zoom, left + width / 2, top + height / 2))
  }

  /** Turns to an angle. A photo that just filled the frame fills it again; one turn forth and back changes nothing. */
  turnTo(degrees: number): void {
    const { solved, wanted } = this.#editor
    if (!solved) return
    const fitted = solved.view.zoom <= solved.zoom.least && this.#options().background === undefined
    const zoom = fitted && degrees % 90 === 0 ? Math.min(wanted.zoom, LEAST) : wanted.zoom
    this.want({ ...wanted, rotate: degrees, zoom })
  }

  act(action: Action, big: boolean): void {
    const { solved, wanted, facts } = this.#editor
    if (!solved || !facts) return
    const step = big ? STEP * 10 : STEP
    const move = (dx: number, dy: number): void => this.want({ ...panned(facts, solved, dx, dy), zoom: wanted.zoom })
    const factor = big ? ZOOM_STEP ** 4 : ZOOM_STEP
    const actions: Record<Action, () => void> = {
      left: () => move(-step, 0),
      right: () => move(step, 0),
      up: () => move(0, -step),
      down: () => move(0, step),
      in: () => this.zoomTo(this.#zoomNow(solved) * factor),
      out: () => this.zoomTo(this.#zoomNow(solved) / factor),
      turnLeft: () => this.turnTo(wanted.rotate - 90),
      turnRight: () => this.turnTo(wanted.rotate + 90),
      mirror: () => this.#mirror('horizontal'),
      upsideDown: () => this.#mirror('vertical'),
      reset: () => this.want(this.#start()),
    }
    actions[action]()
  }

  /** Mirrors what is seen: a picture that leans then leans the other way. */
  #mirror(axis: 'horizontal' | 'vertical'): void {
    const { wanted } = this.#editor
    this.want({ ...wanted, rotate: -wanted.rotate, flip: toggleFlip(wanted.flip, axis) })
  }

  #around(solved: Solved, zoom: number, x: number, y: number): View {
    const { facts } = this.#editor
    if (!facts) return solved.view
    const { aspect, background, maxZoom } = this.#options()
    const { left, top, width, height } = this.#box()
    const kept = Math.min(maxZoom, Math.max(solved.zoom.least, Math.min(solved.zoom.greatest, zoom)))
    const [u, v] = [(x - left - width / 2) / width, (y - top - height / 2) / width]
    return zoomedAt(facts, aspect, background !== undefined, solved, kept, u, v)
  }

  #limited(view: View): View {
    return { ...view, zoom: Math.min(view.zoom, this.#options().maxZoom) }
  }

  /** The wanted zoom where it is within bounds: unlike the solved one it is not rounded to the grid. */
  #zoomNow(solved: Solved): number {
    return Math.min(solved.zoom.greatest, Math.max(solved.zoom.least, this.#editor.wanted.zoom))
  }
}

/** Below every photo's least zoom: brought up to it by the solver. */
const LEAST = 1e-6

/** The crop moved to a wished centre. */
function centred(there: Solved, wish: View, facts: { width: number; height: number }): Solved['crop'] {
  const { width, height } = there.crop
  return { x: wish.center.x * facts.width - width / 2, y: wish.center.y * facts.height - height / 2, width, height }
}
