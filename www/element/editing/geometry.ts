/**
 * The core's solver in TypeScript, because the display needs it sixty times a second. The formulas and the order of
 * operations are the core's, in f64, where whole numbers are exact below 2^53. A test compares both by
 * tests/vectors/view.json, which the core writes.
 *
 * For display only: `Math.cos` may differ from the core's in the last bit, so the stored crop comes from the core's own
 * solver. Lengths are in grid steps (1/256 source pixel) unless a name says otherwise.
 * Mirror of crates/truecrop-core/src/view/mod.rs and geometry/turn.rs.
 */

import type { Flip, Solved, View } from '../../protocol.js'

export interface Size {
  width: number
  height: number
}

/** The frame's aspect ratio, as two whole numbers. */
export type Aspect = readonly [width: number, height: number]

/** Steps of the grid in one source pixel. */
const GRID = 256

interface Turn {
  degrees: number
  cos: number
  sin: number
}

/** What the solver needs of a photo and its context. */
interface SolverContext {
  source: readonly [number, number]
  aspect: Aspect
  turn: Turn
  /** The crop's width at zoom 1. */
  base: number
}

/** Brings a wanted view within its bounds and computes its crop. The view's numbers must be finite, its zoom above 0. */
export function solve(source: Size, aspect: Aspect, contain: boolean, wanted: View): Solved {
  const context = solverContext(source, aspect, wanted.rotate)
  const [smallest, largest] = widths(context, contain)
  const width = clamp(Math.floor(context.base / wanted.zoom + 0.5), smallest, largest)
  const height = heightFor(aspect, width)
  const [extentX, extentY] = extents(context.turn, width, height)
  const [sourceX, sourceY] = context.source
  const left = nearEdge(wanted.center.x, width, sourceX, extentX, contain)
  const top = nearEdge(wanted.center.y, height, sourceY, extentY, contain)
  return {
    view: {
      zoom: context.base / width,
      center: { x: (left * 2 + width) / (sourceX * 2), y: (top * 2 + height) / (sourceY * 2) },
      rotate: context.turn.degrees,
      flip: wanted.flip,
    },
    crop: { x: left / GRID, y: top / GRID, width: width / GRID, height: height / GRID },
    zoom: { least: context.base / largest, greatest: context.base / smallest },
  }
}

/** Whether this is a view that {@link solve} accepts. */
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

/** The angle brought into 0 <= degrees < 360, with its cosine and sine, exact for quarter turns. */
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

/**
 * A vector in the frame (in source pixels, from the frame's centre, as it is shown) as a vector in the source:
 * `F R(-rotate) (u, v)`.
 */
export function toSource(view: View, u: number, v: number): readonly [number, number] {
  const { cos, sin } = turn(view.rotate)
  const [fx, fy] = mirror(view.flip)
  return [fx * (cos * u + sin * v), fy * (cos * v - sin * u)]
}

function solverContext(source: Size, aspect: Aspect, rotate: number): SolverContext {
  const [w, h] = [source.width * GRID, source.height * GRID]
  const base = Math.max(1, Math.min(w, Math.floor((h * aspect[0]) / aspect[1])))
  return { source: [w, h], aspect, turn: turn(rotate), base }
}

/** The height of a crop of this width; halves are rounded up. */
function heightFor([aw, ah]: Aspect, width: number): number {
  return Math.max(1, Math.floor((2 * width * ah + aw) / (2 * aw)))
}

/** The size of a rotated rectangle's bounding box. */
function extents({ cos, sin }: Turn, w: number, h: number): readonly [number, number] {
  const [c, s] = [Math.abs(cos), Math.abs(sin)]
  return [w * c + h * s, w * s + h * c]
}

function widths(context: SolverContext, contain: boolean): readonly [smallest: number, largest: number] {
  const [aw, ah] = context.aspect
  const onePixel = Math.max(GRID, Math.floor((GRID * aw + ah - 1) / ah))
  const covered = largestCovered(context)
  const largest = contain ? Math.max(smallestContaining(context), covered) : covered
  return [Math.min(onePixel, largest), largest]
}

/** The widest crop whose rotated corners can lie inside the photo. */
function largestCovered(context: SolverContext): number {
  const ratio = context.aspect[1] / context.aspect[0]
  const [c, s] = [Math.abs(context.turn.cos), Math.abs(context.turn.sin)]
  const real = Math.min(context.source[0] / (c + s * ratio), context.source[1] / (s + c * ratio))
  let width = Math.max(1, Math.floor(real) + 1)
  while (width > 1 && !fits(context, width)) width -= 1
  return width
}

function fits(context: SolverContext, width: number): boolean {
  const height = heightFor(context.aspect, width)
  const [extentX, extentY] = extents(context.turn, width, height)
  const [x0, x1] = inner(width, context.source[0], extentX)
  const [y0, y1] = inner(height, context.source[1], extentY)
  return x0 <= x1 && y0 <= y1
}

/** The narrowest crop that contains the whole rotated photo. */
function smallestContaining(context: SolverContext): number {
  const [across, down] = extents(context.turn, context.source[0], context.source[1])
  return Math.ceil(Math.max(across, (down * context.aspect[0]) / context.aspect[1]))
}

/** The smallest and largest near edge (left or top) for which the rotated corners stay within 0..=source. */
function inner(side: number, source: number, extent: number): readonly [number, number] {
  return [Math.ceil((extent - side) / 2), Math.floor((2 * source - extent - side) / 2)]
}

/** The near edge (left or top) for a wanted centre, a fraction of the source, brought within its bounds. */
function nearEdge(center: number, side: number, source: number, extent: number, contain: boolean): number {
  const wanted = Math.floor(center * source - side / 2 + 0.5)
  const [low, high] = inner(side, source, extent)
  const near = contain && low > high ? clamp(wanted, high, low) : clamp(wanted, low, Math.max(low, high))
  return near + 0
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
