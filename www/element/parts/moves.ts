/** Moves on the screen (drags, zooms around a point, keys, buttons) as the views that they ask for. */

import type { Facts, Flip, Solved, View } from '../../protocol.js'
import type { Size } from '../editing/geometry.js'
import type { Action, MoveCommands, PartHost } from './host.js'

type ToSource = PartHost['toSource']

/** A step of the arrow keys and buttons, in frame widths; with Shift ten times that. */
const STEP = 0.01
/** The factor of the zoom keys and buttons; with Shift its fourth power. */
const ZOOM_STEP = 1.1

/** The flip with one axis mirrored once more. */
export function toggleFlip(flip: Flip, axis: 'horizontal' | 'vertical'): Flip {
  const flips: Flip[] = ['none', 'horizontal', 'vertical', 'both']
  return flips[flips.indexOf(flip) ^ (axis === 'horizontal' ? 1 : 2)] ?? 'none'
}

/**
 * The view after the photo was dragged by (dx, dy) frame widths: the photo follows the pointer. `solved` is the view now. The result
 * is a wanted view, for the solver to bring within its bounds.
 */
export function panned(toSource: ToSource, { width, height }: Size, { view, crop }: Solved, dx: number, dy: number): View {
  const [sx, sy] = toSource(view, dx * crop.width, dy * crop.width)
  const center = { x: (crop.x + crop.width / 2 - sx) / width, y: (crop.y + crop.height / 2 - sy) / height }
  return { ...view, center }
}

/**
 * The view at another zoom, and angle, for which the source point at (x, y), in frame widths from the frame's centre, stays in place. Exact as
 * far as the bounds and the grid allow: widths are whole grid steps, so the centre is computed from the width that the solver will choose
 * (`widthOf`).
 */
export function zoomedAt(
  toSource: ToSource,
  { width, height }: Size,
  { view, crop }: Solved,
  next: Pick<View, 'zoom' | 'rotate'>,
  widthOf: (view: View) => number,
  x: number,
  y: number,
): View {
  const wanted = { ...view, ...next }
  const nextWidth = widthOf(wanted)
  const [sx, sy] = toSource(view, x * crop.width, y * crop.width)
  const [tx, ty] = toSource(wanted, x * nextWidth, y * nextWidth)
  const center = { x: (crop.x + crop.width / 2 + sx - tx) / width, y: (crop.y + crop.height / 2 + sy - ty) / height }
  return { ...wanted, center }
}

export class Moves implements MoveCommands {
  readonly #host: PartHost

  constructor(host: PartHost) {
    this.#host = host
  }

  /**
   * The pointers have moved by (dx, dy) CSS pixels since they grabbed the photo and, for two, their distance by a factor and their line by
   * the degrees of a turn, around (x, y).
   */
  drag(dx: number, dy: number, factor: number, x: number, y: number, turn = 0): void {
    const { editor, navigation, toSource, stage } = this.#host
    const { facts } = editor
    const { grabbed } = navigation
    if (!grabbed || !facts || !navigation.active()) return
    const { solved, before } = grabbed
    const zoom = clamped(before.view.zoom, solved)
    const rotate = solved.view.rotate + turn
    const isPan = factor === 1 && turn === 0
    const zoomed = isPan ? { ...solved.view, zoom } : this.#zoomAround(solved, zoom * factor, x, y, rotate)
    const target = editor.preview(zoomed)?.solved ?? solved
    // The centre is the wanted one, not the solved one: otherwise a pinch at an edge would drift away from the fingers.
    const crop = recentred(target, zoomed, facts)
    const { width } = stage.box
    const wanted = panned(toSource, facts, { ...target, crop }, dx / width, dy / width)
    navigation.moveTo({ ...wanted, zoom: zoomed.zoom }, grabbed)
  }

  /** Zooms by a factor around (x, y), CSS pixels of the stage. */
  zoom(factor: number, x: number, y: number): void {
    const { solved } = this.#host.editor
    if (solved) this.#zoomTo(this.#currentZoom(solved) * factor, x, y, 'zoom')
  }

  zoomTo(zoom: number): void {
    const { left, top, width, height } = this.#host.stage.box
    this.#zoomTo(zoom, left + width / 2, top + height / 2, 'zoom')
  }

  /** Zooms in at a point, or out again. */
  doubleTap(x: number, y: number): void {
    const { solved } = this.#host.editor
    if (!solved) return
    const { least } = solved.zoom
    const isZoomed = this.#currentZoom(solved) > least * 1.01
    this.#zoomTo(isZoomed ? least : least * 2, x, y, {})
  }

  act(action: Action, big: boolean): void {
    const { editor, navigation, toSource } = this.#host
    const { solved, wanted, facts } = editor
    if (!solved || !facts) return
    const step = big ? STEP * 10 : STEP
    const move = (dx: number, dy: number): void =>
      navigation.moveTo({ ...panned(toSource, facts, solved, dx, dy), zoom: wanted.zoom }, 'move')
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
      reset: () => navigation.reset(),
      undo: () => navigation.undo(),
      redo: () => navigation.redo(),
    }
    actions[action]()
  }

  /** A quarter turn. Where the page allows it, the frame turns with the photo, and shows the same part. */
  #turnBy(degrees: number): void {
    const { editor, navigation, options } = this.#host
    const { solved, wanted, shape, facts } = editor
    const turned = typeof shape === 'number' ? 1 / shape : shape && ([shape[1], shape[0]] as const)
    const isOffered = typeof turned === 'number' || options().aspects?.some((each) => String(each) === String(turned))
    if (!solved || !facts || turned === undefined || !isOffered) return navigation.rotateTo(wanted.rotate + degrees, {})
    const ratio = typeof turned === 'number' ? turned : turned[0] / turned[1]
    const zoom = Math.min(facts.width, facts.height * ratio) / solved.crop.height
    navigation.moveTo({ ...wanted, zoom, rotate: wanted.rotate + degrees }, {}, turned)
  }

  /** Mirrors what is shown: a photo that leans to one side then leans to the other. */
  #mirror(axis: 'horizontal' | 'vertical'): void {
    const { editor, navigation } = this.#host
    const { wanted } = editor
    navigation.moveTo({ ...wanted, rotate: -wanted.rotate, flip: toggleFlip(wanted.flip, axis) }, {})
  }

  #zoomTo(zoom: number, x: number, y: number, kind: unknown): void {
    const { editor, navigation } = this.#host
    const { solved } = editor
    if (solved) navigation.moveTo(this.#zoomAround(solved, zoom, x, y, solved.view.rotate), kind)
  }

  #zoomAround(solved: Solved, zoom: number, x: number, y: number, rotate: number): View {
    const { editor, toSource, stage } = this.#host
    if (!editor.facts) return solved.view
    const { left, top, width, height } = stage.box
    const [u, v] = [(x - left - width / 2) / width, (y - top - height / 2) / width]
    const widthOf = (view: View): number => editor.preview(view)?.solved.crop.width ?? solved.crop.width
    return zoomedAt(toSource, editor.facts, solved, { zoom: clamped(zoom, solved), rotate }, widthOf, u, v)
  }

  #currentZoom = (solved: Solved): number => clamped(this.#host.editor.wanted.zoom, solved)
}

/** A wanted zoom, brought within its bounds. Unlike the solved zoom it is not rounded to the grid. */
const clamped = (zoom: number, { zoom: { least, greatest } }: Solved): number => Math.min(greatest, Math.max(least, zoom))

/** The crop, moved to a view's centre. */
function recentred(solved: Solved, view: View, facts: Facts): Solved['crop'] {
  const { width, height } = solved.crop
  return { x: view.center.x * facts.width - width / 2, y: view.center.y * facts.height - height / 2, width, height }
}
