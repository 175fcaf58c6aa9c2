/**
 * The core's solver once more, for sixty frames a second. Same formulas, same order of operations, in f64: whole
 * numbers stay exact below 2^53. tests/vectors/view.json, written by the core, holds both equal.
 *
 * It is for the display. `Math.cos` may differ from the core's in the last bit, so what is stored comes from the
 * core's own answer. Lengths are grid steps (1/256 source pixel) unless a name says otherwise.
 * Mirror of crates/truecrop-core/src/view/mod.rs and geometry/turn.rs.
 */

import type { Crop, Flip, Solved, View } from '../protocol.js'

export interface Size {
  width: number
  height: number
}

/** The frame's shape, as two whole numbers. */
export type Aspect = readonly [width: number, height: number]

/** Steps of the grid in one source pixel. */
const GRID = 256

interface Turn {
  degrees: number
  cos: number
  sin: number
}

interface Frame {
  source: readonly [number, number]
  aspect: Aspect
  turn: Turn
  base: number
}

/** Brings a wanted view within its bounds and gives the crop. The view's numbers must be finite, its zoom above 0. */
export function solve(source: Size, aspect: Aspect, contain: boolean, wanted: View): Solved {
  const frame = frameOf(source, aspect, wanted.rotate)
  const [smallest, largest] = widths(frame, contain)
  const width = clamp(Math.floor(frame.base / wanted.zoom + 0.5), smallest, largest)
  const height = heightFor(aspect, width)
  const [extentX, extentY] = extents(frame.turn, width, height)
  const [sourceX, sourceY] = frame.source
  const left = place(wanted.center.x, width, sourceX, extentX, contain)
  const top = place(wanted.center.y, height, sourceY, extentY, contain)
  return {
    view: {
      zoom: frame.base / width,
      center: { x: (left * 2 + width) / (sourceX * 2), y: (top * 2 + height) / (sourceY * 2) },
      rotate: frame.turn.degrees,
      flip: wanted.flip,
    },
    crop: { x: left / GRID, y: top / GRID, width: width / GRID, height: height / GRID },
    zoom: { least: frame.base / largest, greatest: frame.base / smallest },
  }
}

/** Whether these are numbers that {@link solve} can take. */
export function isView(value: unknown): value is View {
  const view = value as View | null
  return (
    typeof view === 'object' &&
    view !== null &&
    [view.zoom, view.center?.x, view.center?.y, view.rotate].every(Number.isFinite) &&
    view.zoom > 0 &&
    ['none', 'horizontal', 'vertical', 'both'].includes(view.flip)
  )
}

/** An angle brought into 0 <= a < 360, with cosine and sine that are exact for quarter turns. */
export function turn(degrees: number): Turn {
  let turned = degrees - 360 * Math.floor(degrees / 360)
  if (turned >= 360) turned = 0
  turned += 0
  const quarter = [0, 90, 180, 270].indexOf(turned)
  if (quarter >= 0) return { degrees: turned, cos: [1, 0, -1, 0][quarter] ?? 1, sin: [0, 1, 0, -1][quarter] ?? 0 }
  const radians = turned * (Math.PI / 180)
  return { degrees: turned, cos: Math.cos(radians), sin: Math.sin(radians) }
}

/** Signs of a flip on x and y. */
export function mirror(flip: Flip): readonly [number, number] {
  return [flip === 'horizontal' || flip === 'both' ? -1 : 1, flip === 'vertical' || flip === 'both' ? -1 : 1]
}

/** The other side of a flip on one axis. */
export function toggleFlip(flip: Flip, axis: 'horizontal' | 'vertical'): Flip {
  const [x, y] = mirror(flip)
  const flipped = axis === 'horizontal' ? [-x, y] : [x, -y]
  if (flipped[0] === -1) return flipped[1] === -1 ? 'both' : 'horizontal'
  return flipped[1] === -1 ? 'vertical' : 'none'
}

/**
 * A vector in the frame (source pixels as they are seen, from the frame's centre) as a vector in the source:
 * `F R(-rotate) (u, v)`.
 */
export function toSource(view: View, u: number, v: number): readonly [number, number] {
  const { cos, sin } = turn(view.rotate)
  const [fx, fy] = mirror(view.flip)
  return [fx * (cos * u + sin * v), fy * (cos * v - sin * u)]
}

/** The crop's centre in source pixels. */
export function centerOf(crop: Crop): readonly [number, number] {
  return [crop.x + crop.width / 2, crop.y + crop.height / 2]
}

/**
 * The view after the picture was dragged by (dx, dy) frame widths: the picture follows the pointer.
 * `solved` is where it is now; the result is a wish that {@link solve} brings within bounds.
 */
export function panned(source: Size, solved: Solved, dx: number, dy: number): View {
  const [sx, sy] = toSource(solved.view, dx * solved.crop.width, dy * solved.crop.width)
  const [cx, cy] = centerOf(solved.crop)
  return { ...solved.view, center: { x: (cx - sx) / source.width, y: (cy - sy) / source.height } }
}

/**
 * The view at another zoom where the source point under (x, y), in frame widths from the frame's centre, stays there.
 * Exact as far as the bounds and the grid allow: sizes are whole grid steps, so the centre is taken from the width
 * that the solver will choose.
 */
export function zoomedAt(
  source: Size,
  aspect: Aspect,
  contain: boolean,
  solved: Solved,
  zoom: number,
  x: number,
  y: number,
): View {
  const [cx, cy] = centerOf(solved.crop)
  const next = solve(source, aspect, contain, { ...solved.view, zoom }).crop.width
  const [sx, sy] = toSource(solved.view, x * (solved.crop.width - next), y * (solved.crop.width - next))
  return { ...solved.view, zoom, center: { x: (cx + sx) / source.width, y: (cy + sy) / source.height } }
}

function frameOf(source: Size, aspect: Aspect, rotate: number): Frame {
  const [w, h] = [source.width * GRID, source.height * GRID]
  const base = Math.max(1, Math.min(w, Math.floor((h * aspect[0]) / aspect[1])))
  return { source: [w, h], aspect, turn: turn(rotate), base }
}

/** The height of a crop of this width, halves up. */
function heightFor([aw, ah]: Aspect, width: number): number {
  return Math.max(1, Math.floor((2 * width * ah + aw) / (2 * aw)))
}

/** The bounding box of a turned rectangle. */
function extents({ cos, sin }: Turn, w: number, h: number): readonly [number, number] {
  const [c, s] = [Math.abs(cos), Math.abs(sin)]
  return [w * c + h * s, w * s + h * c]
}

function widths(frame: Frame, contain: boolean): readonly [smallest: number, largest: number] {
  const [aw, ah] = frame.aspect
  const onePixel = Math.max(GRID, Math.floor((GRID * aw + ah - 1) / ah))
  const covered = largestCovered(frame)
  const largest = contain ? Math.max(smallestContaining(frame), covered) : covered
  return [Math.min(onePixel, largest), largest]
}

/** The widest crop whose turned corners can lie inside the picture. */
function largestCovered(frame: Frame): number {
  const ratio = frame.aspect[1] / frame.aspect[0]
  const [c, s] = [Math.abs(frame.turn.cos), Math.abs(frame.turn.sin)]
  const real = Math.min(frame.source[0] / (c + s * ratio), frame.source[1] / (s + c * ratio))
  let width = Math.max(1, Math.floor(real) + 1)
  while (width > 1 && !fits(frame, width)) width -= 1
  return width
}

function fits(frame: Frame, width: number): boolean {
  const height = heightFor(frame.aspect, width)
  const [extentX, extentY] = extents(frame.turn, width, height)
  const [x0, x1] = inner(width, frame.source[0], extentX)
  const [y0, y1] = inner(height, frame.source[1], extentY)
  return x0 <= x1 && y0 <= y1
}

/** The narrowest crop that holds the whole turned picture. */
function smallestContaining(frame: Frame): number {
  const [across, down] = extents(frame.turn, frame.source[0], frame.source[1])
  return Math.ceil(Math.max(across, (down * frame.aspect[0]) / frame.aspect[1]))
}

/** The least and greatest near edge of a side whose turned corners stay within 0..=source. */
function inner(side: number, source: number, extent: number): readonly [number, number] {
  return [Math.ceil((extent - side) / 2), Math.floor((2 * source - extent - side) / 2)]
}

/** The near edge of a side around a wanted centre (a fraction), brought within its bounds. */
function place(center: number, side: number, source: number, extent: number, contain: boolean): number {
  const wanted = Math.floor(center * source - side / 2 + 0.5)
  const [low, high] = inner(side, source, extent)
  const near = contain && low > high ? clamp(wanted, high, low) : clamp(wanted, low, Math.max(low, high))
  return near + 0
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
