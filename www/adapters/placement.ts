/**
 * What the adapters share: from a rectangle in another cropper's coordinates to a recipe. Lengths are in grid steps (1/256 source pixel) unless a
 * name says otherwise. The formulas are those of crates/truecrop-core/src/interop; tests/vectors/interop.json holds the two to each other.
 */

import { TruecropError, invalidOption } from '../client/error.js'
import type { Crop, Flip, Format, OutputSpec, Recipe } from '../protocol.js'

/** Columns and rows, as the browser shows the picture; an `<img>`, or what has its members. */
export type SourceSize = { width: number; height: number } | { naturalWidth: number; naturalHeight: number }

export interface AdapterOptions {
  /** The picture's own size: `photo.facts`, or the cropper's `<img>`. Not its size on the screen. */
  source: SourceSize
  /** The outputs wanted; or one by `width` and `height`. Without both: one of the crop's own size, at most 2048 pixels long. */
  outputs?: OutputSpec[]
  width?: number
  height?: number
  /** Of the output that is made by `width` and `height`: by default `jpeg`, or `png` with a mask. */
  format?: Format
  quality?: number
  maxBytes?: number
  /** Cuts that output to the ellipse in it, with transparent corners: for PNG and WebP. */
  mask?: 'ellipse'
  /** Allows a crop of another shape than its output: the picture is then stretched. */
  stretch?: boolean
  /** Shows where the crop leaves the picture: `#rrggbb` or `transparent`. Without it the crop is brought inside. */
  background?: string
  /** Refuses a crop that leaves the picture by more than a pixel, instead of bringing it inside. */
  strict?: boolean
}

/** A recipe that shows what the other cropper showed. */
export interface Adapted {
  recipe: Recipe
  /** How far an edge was moved to bring the crop inside the picture, in source pixels; up to 1 by the other cropper's rounding. */
  moved: number
}

/** A rectangle in pixels. */
export interface Area {
  x: number
  y: number
  width: number
  height: number
}

/** A rectangle in the bounding box of the picture as it was turned. */
export interface Turned {
  area: Area
  /** Degrees clockwise. */
  rotate?: number
  /** Before the turn. */
  flip?: Flip
}

const GRID = 256
/** The longer side of an output that nobody gave a size. */
const LONGEST = 2048
/** Other croppers round to whole pixels, on both sides. */
const ROUNDING = 2 * GRID

interface Turn {
  degrees: number
  cos: number
  sin: number
}

/** Left, top, width, height. */
type Box = [number, number, number, number]

export function sizeOf(source: SourceSize | undefined): { width: number; height: number } {
  const { naturalWidth, naturalHeight, width, height } = (source ?? {}) as Partial<Record<string, number>>
  // Of an image element these are the picture's own, while `width` is that on the screen.
  const [w, h] = [naturalWidth ?? width, naturalHeight ?? height]
  if (Number.isInteger(w) && Number.isInteger(h) && (w as number) > 0 && (h as number) > 0) {
    return { width: w as number, height: h as number }
  }
  const detail = 'The source must be the picture’s own size, as { width, height } in whole pixels, or its loaded <img>.'
  throw invalidOption(detail, 'source', '{ width, height }', `${w} x ${h}`)
}

/** Finite numbers of the other cropper's data, by their names. */
export function numbers<Name extends string>(data: unknown, names: readonly Name[], what: string): Record<Name, number> {
  const found = (data ?? {}) as Record<Name, unknown>
  for (const name of names) {
    // Croppie writes its numbers as text.
    const value = typeof found[name] === 'string' ? Number(found[name] || NaN) : found[name]
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw invalidOption(`This is not ${what}: it has no number ${name}.`, name, 'a number', found[name])
    }
  }
  return Object.fromEntries(names.map((name) => [name, Number(found[name])])) as Record<Name, number>
}

export const flipOf = (horizontal: boolean, vertical: boolean): Flip =>
  horizontal ? (vertical ? 'both' : 'horizontal') : vertical ? 'vertical' : 'none'

/** @throws TruecropError `invalid-option`, `crop-outside-source` */
export function adapted({ area, rotate = 0, flip = 'none' }: Turned, options: AdapterOptions): Adapted {
  const source = sizeOf(options.source)
  const turn = turnBy(rotate)
  const asked = fromTurnedBox(area, turn, flip, source)
  const outputs = outputsFor(options, asked)
  const shaped = options.stretch ? asked : inShape(asked, outputs, isSized(options) ? ROUNDING : wholePixel(asked, outputs))
  const inside = options.background === undefined ? broughtInside(shaped, turn, source) : shaped
  const moved = Math.max(...edges(inside).map((edge, i) => Math.abs(edge - (edges(shaped)[i] ?? 0)))) / GRID
  if (options.strict && moved > 1) throw outside(shaped, source)
  return { recipe: recipeOf(toCrop(inside), turn.degrees, flip, outputs, options.background), moved }
}

function outside(box: Box, { width, height }: { width: number; height: number }): TruecropError {
  const detail = 'The crop leaves the picture: keep it inside the picture in that cropper.'
  const got = box.map((side) => side / GRID).join()
  const expected = `inside 0,0,${width},${height}`
  return new TruecropError({ code: 'crop-outside-source', fault: 'caller', detail, field: 'crop', expected, got })
}

function recipeOf(crop: Crop, rotate: number, flip: Flip, outputs: OutputSpec[], background: string | undefined): Recipe {
  return {
    truecrop: 1,
    crop,
    ...(rotate !== 0 && { rotate }),
    ...(flip !== 'none' && { flip }),
    ...(background !== undefined && { background }),
    outputs,
  }
}

const toCrop = ([x, y, width, height]: Box): Crop => ({ x: x / GRID, y: y / GRID, width: width / GRID, height: height / GRID })
const edges = ([x, y, width, height]: Box): number[] => [x, y, x + width, y + height]

/** The angle within one turn, with its cosine and sine, exact for quarter turns. */
function turnBy(angle: number): Turn {
  if (!Number.isFinite(angle) || Math.abs(angle) > 1e6) {
    throw invalidOption('The angle must be a number of degrees.', 'rotate', 'a number', angle)
  }
  const turned = angle - 360 * Math.floor(angle / 360)
  const degrees = turned >= 360 ? 0 : turned + 0
  if (degrees % 90 === 0) {
    const quarter = degrees / 90
    return { degrees, cos: [1, 0, -1, 0][quarter] ?? 1, sin: [0, 1, 0, -1][quarter] ?? 0 }
  }
  const radians = degrees * (Math.PI / 180)
  return { degrees, cos: Math.cos(radians), sin: Math.sin(radians) }
}

/** Width and height of the bounding box of a turned rectangle. */
function extents({ cos, sin }: Turn, width: number, height: number): [number, number] {
  const [c, s] = [Math.abs(cos), Math.abs(sin)]
  return [width * c + height * s, width * s + height * c]
}

/** Width and height of the turned picture's bounding box, in pixels: what areas in percent are of. */
export function turnedSize(source: SourceSize, rotate: number): [number, number] {
  const { width, height } = sizeOf(source)
  return extents(turnBy(rotate), width, height)
}

/** The rectangle before turning: about the same centre, as seen from the picture. */
function fromTurnedBox(area: Area, { cos, sin, ...turn }: Turn, flip: Flip, source: { width: number; height: number }): Box {
  const { x, y, width, height } = numbers(area, ['x', 'y', 'width', 'height'], 'a crop')
  if (width <= 0 || height <= 0) throw invalidOption('The crop has no size.', 'crop', 'more than 0', `${width} x ${height}`)
  const [across, down] = extents({ cos, sin, ...turn }, source.width, source.height)
  const [dx, dy] = [x + width / 2 - across / 2, y + height / 2 - down / 2]
  const mirrored = { x: flip === 'horizontal' || flip === 'both' ? -1 : 1, y: flip === 'vertical' || flip === 'both' ? -1 : 1 }
  const left = source.width / 2 + mirrored.x * (cos * dx + sin * dy) - width / 2
  const top = source.height / 2 + mirrored.y * (cos * dy - sin * dx) - height / 2
  // Edges are rounded, never origin and size apart.
  const [l, t, r, b] = [left, top, left + width, top + height].map((edge) => Math.floor(edge * GRID + 0.5)) as Box
  return [l, t, Math.max(r - l, 1), Math.max(b - t, 1)]
}

function outputsFor(options: AdapterOptions, [, , width, height]: Box): OutputSpec[] {
  if (options.outputs) {
    if (options.outputs.length === 0) throw invalidOption('There must be an output.', 'outputs', '1 or more', 0)
    return options.outputs
  }
  const { mask, format = mask ? 'png' : 'jpeg', quality, maxBytes } = options
  const more = {
    format,
    ...(quality !== undefined && { quality }),
    ...(maxBytes !== undefined && { maxBytes }),
    ...(mask !== undefined && { mask }),
  }
  if (options.width !== undefined && options.height !== undefined) {
    return [{ name: 'main', width: options.width, height: options.height, ...more }]
  }
  const scale = Math.min(1, (LONGEST * GRID) / Math.max(width, height)) / GRID
  const given = options.width ?? options.height
  const byOne = given === undefined ? scale : given / (options.width === undefined ? height : width)
  const [w, h] = [width, height].map((side) => Math.max(1, Math.round(side * byOne))) as [number, number]
  return [{ name: 'main', width: options.width ?? w, height: options.height ?? h, ...more }]
}

/** Whether the caller has chosen the outputs' shapes. */
const isSized = ({ outputs, width, height }: AdapterOptions): boolean =>
  outputs !== undefined || (width !== undefined && height !== undefined)

/** An output pixel: an output that follows the crop has its shape but for that. */
const wholePixel = ([, , width, height]: Box, outputs: readonly OutputSpec[]): number =>
  Math.max(ROUNDING, ...outputs.map((output) => Math.max(width / output.width, height / output.height)))

const heightFor = (width: number, output: OutputSpec): number =>
  Math.max(1, Math.floor((width * output.height) / output.width + 0.5))

/** The crop in exactly the outputs' shape, where it differs by the other cropper's rounding alone. */
function inShape(box: Box, outputs: readonly OutputSpec[], slack: number): Box {
  const [first] = outputs as [OutputSpec]
  const [left, top, width, height] = box
  for (const [i, output] of outputs.entries()) {
    const ratio = output.width / output.height
    if (Math.abs(width - height * ratio) <= slack * Math.max(1, ratio)) continue
    const detail = 'The crop does not have the shape of this output. Set the cropper’s aspect ratio to it, or pass stretch: true.'
    throw invalidOption(detail, `outputs[${i}]`, `${output.width}:${output.height}`, `${width / GRID} x ${height / GRID}`)
  }
  if (Math.abs(heightFor(width, first) - height) <= 1) return box
  const shaped = Math.max(1, Math.min(width, Math.floor((height * first.width) / first.height)))
  const [w, h] = [shaped, heightFor(shaped, first)]
  return [left + Math.floor((width - w) / 2), top + Math.floor((height - h) / 2), w, h]
}

/** The smallest and largest near edge (left or top) for which the turned corners stay within 0..=source. */
const room = (side: number, source: number, extent: number): [number, number] => [
  Math.ceil((extent - side) / 2),
  Math.floor((2 * source - extent - side) / 2),
]

/** The nearest crop of the same shape whose turned corners lie inside the picture: made smaller only where it is too large. */
function broughtInside([left, top, width, height]: Box, turn: Turn, source: { width: number; height: number }): Box {
  const [across, down] = [source.width * GRID, source.height * GRID]
  const rooms = (w: number, h: number): [number, number][] => {
    const [x, y] = extents(turn, w, h)
    return [room(w, across, x), room(h, down, y)]
  }
  const fits = (w: number, h: number): boolean => rooms(w, h).every(([low, high]) => low <= high)
  const ratio = height / width
  const heightOf = (w: number): number => Math.max(1, Math.floor(w * ratio + 0.5))
  let [w, h] = [width, height]
  if (!fits(w, h)) {
    const [perWidthAcross, perWidthDown] = extents(turn, 1, ratio)
    w = Math.max(1, Math.floor(Math.min(across / perWidthAcross, down / perWidthDown)) + 1)
    while (w > 1 && !fits(w, heightOf(w))) w -= 1
    h = heightOf(w)
  }
  const [horizontal, vertical] = rooms(w, h) as [[number, number], [number, number]]
  const near = (middle: number, side: number, [low, high]: [number, number]): number =>
    Math.min(Math.max(high, low), Math.max(low, Math.floor(middle - side / 2 + 0.5)))
  return [near(left + width / 2, w, horizontal), near(top + height / 2, h, vertical), w, h]
}
