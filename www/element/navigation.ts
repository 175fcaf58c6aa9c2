/** Turns moves on the screen (drags, zooms around a point, keys, buttons) into wanted views for the editor. */

import type { Solved, View } from '../protocol.js'
import type { Editor } from './editor.js'
import { panned, solve, toggleFlip, zoomedAt } from './geometry.js'
import type { Action, GestureHandler } from './gestures.js'
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

export class Navigation implements GestureHandler {
  readonly #editor: Editor
  readonly #host: NavigationHost
  #grabbed: { solved: Solved; zoom: number } | undefined

  constructor(editor: Editor, host: NavigationHost) {
    this.#editor = editor
    this.#host = host
  }

  active(): boolean {
    const { solved, proxy, state } = this.#editor
    return solved !== undefined && proxy !== undefined && state !== 'opening' && this.#host.enabled()
  }

  /** Moves the photo to a wanted view. */
  moveTo(view: View): void {
    this.#editor.setView(view)
    this.#host.onMove()
  }

  grab(): void {
    const { solved } = this.#editor
    this.#grabbed = solved && { solved, zoom: this.#currentZoom(solved) }
  }

  /** Forgets the grab: another photo is under the pointer. */
  release(): void {
    this.#grabbed = undefined
  }

  drag(dx: number, dy: number, factor: number, x: number, y: number): void {
    const { facts } = this.#editor
    if (!this.#grabbed || !facts || !this.active()) return
    const { solved, zoom } = this.#grabbed
    const { width } = this.#host.box()
    const zoomed = factor === 1 ? { ...solved.view, zoom } : this.#zoomAround(solved, zoom * factor, x, y)
    const { aspect, background } = this.#host.options()
    const target = solve(facts, aspect, background !== undefined, this.#withMaxZoom(zoomed))
    // The centre is the wanted one, not the solved one: otherwise a pinch at an edge would drift away from the fingers.
    const wanted = panned(facts, { ...target, crop: recentred(target, zoomed, facts) }, dx / width, dy / width)
    this.moveTo({ ...wanted, zoom: zoomed.zoom })
  }

  zoom(factor: number, x: number, y: number): void {
    const { solved } = this.#editor
    if (solved) this.moveTo(this.#zoomAround(solved, this.#currentZoom(solved) * factor, x, y))
  }

  /** Zooms around the frame's centre. */
  zoomTo(zoom: number): void {
    const { left, top, width, height } = this.#host.box()
    const { solved } = this.#editor
    if (solved) this.moveTo(this.#zoomAround(solved, zoom, left + width / 2, top + height / 2))
  }

  /**
   * Rotates to an angle. A photo that just filled the frame fills it again after a quarter turn, and a turn back restores
   * the view.
   */
  rotateTo(degrees: number): void {
    const { solved, wanted } = this.#editor
    if (!solved) return
    const fillsFrame = solved.view.zoom <= solved.zoom.least && this.#host.options().background === undefined
    const zoom = fillsFrame && degrees % 90 === 0 ? Math.min(wanted.zoom, TINY_ZOOM) : wanted.zoom
    this.moveTo({ ...wanted, rotate: degrees, zoom })
  }

  act(action: Action, big: boolean): void {
    const { solved, wanted, facts } = this.#editor
    if (!solved || !facts) return
    const step = big ? STEP * 10 : STEP
    const move = (dx: number, dy: number): void => this.moveTo({ ...panned(facts, solved, dx, dy), zoom: wanted.zoom })
    const factor = big ? ZOOM_STEP ** 4 : ZOOM_STEP
    const actions: Record<Action, () => void> = {
      left: () => move(-step, 0),
      right: () => move(step, 0),
      up: () => move(0, -step),
      down: () => move(0, step),
      in: () => this.zoomTo(this.#currentZoom(solved) * factor),
      out: () => this.zoomTo(this.#currentZoom(solved) / factor),
      turnLeft: () => this.rotateTo(wanted.rotate - 90),
      turnRight: () => this.rotateTo(wanted.rotate + 90),
      mirror: () => this.#mirror('horizontal'),
      upsideDown: () => this.#mirror('vertical'),
      reset: () => this.moveTo(this.#host.initialView()),
    }
    actions[action]()
  }

  /** Mirrors what is shown: a photo that leans to one side then leans to the other. */
  #mirror(axis: 'horizontal' | 'vertical'): void {
    const { wanted } = this.#editor
    this.moveTo({ ...wanted, rotate: -wanted.rotate, flip: toggleFlip(wanted.flip, axis) })
  }

  #zoomAround(solved: Solved, zoom: number, x: number, y: number): View {
    const { facts } = this.#editor
    if (!facts) return solved.view
    const { aspect, background, maxZoom } = this.#host.options()
    const { left, top, width, height } = this.#host.box()
    const clamped = Math.min(maxZoom, Math.max(solved.zoom.least, Math.min(solved.zoom.greatest, zoom)))
    const [u, v] = [(x - left - width / 2) / width, (y - top - height / 2) / width]
    return zoomedAt(facts, aspect, background !== undefined, solved, clamped, u, v)
  }

  #withMaxZoom(view: View): View {
    return { ...view, zoom: Math.min(view.zoom, this.#host.options().maxZoom) }
  }

  /** The wanted zoom, brought within its bounds. Unlike the solved zoom it is not rounded to the grid. */
  #currentZoom(solved: Solved): number {
    return Math.min(solved.zoom.greatest, Math.max(solved.zoom.least, this.#editor.wanted.zoom))
  }
}

/** Below every photo's least zoom: the solver raises it to that. */
const TINY_ZOOM = 1e-6

/** The crop, moved to a view's centre. */
function recentred(solved: Solved, view: View, facts: { width: number; height: number }): Solved['crop'] {
  const { width, height } = solved.crop
  return { x: view.center.x * facts.width - width / 2, y: view.center.y * facts.height - height / 2, width, height }
}
