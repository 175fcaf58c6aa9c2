/**
 * The frame: its shape, what that makes of the outputs' sizes, and the view within its bounds. Uses no DOM.
 *
 * With `aspects` the width and height of an output are a box. A shape of the list gives the largest size of exactly that aspect
 * ratio within the box. A free frame gives the crop's own size or, where that does not fit, the largest within the box: it is
 * never enlarged.
 */

import type { Solved, View } from '../../protocol.js'
import { parseAspect } from '../attributes.js'
import { type Aspect, type Size, solve } from './geometry.js'
import type { ElementOptions, OutputOptions } from '../options.js'

/** The frame's shape: one of the list, or the width of a free frame divided by its height. */
export type Shape = Aspect | number

/** Where the photo is, and under which frame: one step of the history. */
export interface Placement {
  view: View
  /** Undefined where the page offers no choice. */
  shape: Shape | undefined
}

export interface Framed {
  aspect: Aspect
  outputs: OutputOptions[]
  /** The view within its bounds. Its zoom's bounds are the page's too. */
  solved: Solved
}

/** A free frame's shape is not far from whole numbers of this size, which the solver needs. */
const FINE = 2 ** 22
/** Source pixels that a side of a crop may lack of a whole number: less than the grid can show. */
const TOLERANCE = 1 / 128

/** The shape that is wanted, where the page offers it; else the first one. A free frame begins as the whole photo. */
export function offeredShape({ aspects }: ElementOptions, shape: Shape | undefined, size: Size): Shape | undefined {
  const isOffered = (each: Aspect | 'free'): boolean => (each === 'free' ? typeof shape === 'number' : isSameShape(each, shape))
  if (!aspects || aspects.some(isOffered)) return aspects && shape
  const [first] = aspects
  return first === 'free' ? size.width / size.height : first
}

export const isSameShape = (a: Shape | undefined, b: Shape | undefined): boolean => String(a) === String(b)

/**
 * The shape of a text: `free`, or two numbers, which may also be the sides of a free frame.
 *
 * @returns undefined for what the page does not offer.
 */
export function parseShape({ aspects = [] }: ElementOptions, text: string, now: Aspect): Shape | undefined {
  const [width, height] = text === 'free' ? now : (parseAspect(text) ?? [0, 0])
  const isListed = text !== 'free' && aspects.some((each) => String(each) === `${width},${height}`)
  if (isListed) return [width, height]
  return aspects.includes('free') && width > 0 ? width / height : undefined
}

/** Brings a wanted view within its bounds, and gives the outputs' sizes. */
export function frame(options: ElementOptions, shape: Shape | undefined, size: Size, wanted: View): Framed {
  const outputs = frameOutputs(options, shape, size, wanted)
  const [first] = outputs
  const aspect: Aspect = first ? [first.width, first.height] : options.aspect
  return { aspect, outputs, solved: solveBounded(options, aspect, size, wanted, outputs) }
}

function frameOutputs(options: ElementOptions, shape: Shape | undefined, size: Size, wanted: View): OutputOptions[] {
  if (shape === undefined) return options.outputs
  if (typeof shape !== 'number') {
    return options.outputs.map((output) => ({ ...output, ...sizeWithin(output, shape) }))
  }
  const rough: Aspect = shape > 1 ? [FINE, Math.ceil(FINE / shape)] : [Math.ceil(FINE * shape), FINE]
  const { crop } = solveBounded(options, rough, size, wanted)
  return options.outputs.map((output) => {
    const scale = Math.min(1, output.width / crop.width, (output.height * shape) / crop.width)
    const [width, height] = [crop.width * scale, (crop.width * scale) / shape]
    return { ...output, width: wholePart(width), height: wholePart(height) }
  })
}

const wholePart = (pixels: number): number => Math.max(1, Math.floor(pixels + TOLERANCE))

/** The largest size of exactly this aspect ratio within the box. */
function sizeWithin(box: { width: number; height: number }, [a, b]: Aspect): { width: number; height: number } {
  const times = Math.max(1, Math.floor(Math.min(box.width / a, box.height / b)))
  return { width: a * times, height: b * times }
}

/** Solves within the bounds of the page as well: its own zooms, and the smallest crop for these outputs. */
function solveBounded(options: ElementOptions, aspect: Aspect, size: Size, asked: View, outputs: OutputOptions[] = []): Solved {
  const contain = options.background !== undefined
  const wanted = bounded(options, asked)
  const solved = solve(size, aspect, contain, wanted)
  const base = solved.view.zoom * solved.crop.width
  const least = Math.max(solved.zoom.least, options.minZoom)
  const most = Math.min(solved.zoom.greatest, options.maxZoom, base / smallestWidth(options, aspect, outputs))
  const zoom = { least, greatest: Math.max(least, most) }
  if (wanted.zoom <= zoom.greatest) return { ...solved, zoom }
  return { ...solve(size, aspect, contain, { ...wanted, zoom: zoom.greatest }), zoom }
}

/** A view that is not zoomed out further than the page allows. */
export const bounded = ({ minZoom }: ElementOptions, view: View): View => ({ ...view, zoom: Math.max(view.zoom, minZoom) })

/** Source pixels of the narrowest crop that the page allows; 0 for any. */
function smallestWidth(options: ElementOptions, aspect: Aspect, outputs: OutputOptions[]): number {
  const { minWidth, minHeight, leastWidth } = options
  return Math.max(minWidth, (minHeight * aspect[0]) / aspect[1], leastWidth?.(aspect, outputs) ?? 0)
}

/** The size of the smallest crop that the page allows, where even the largest one has fewer pixels. */
export function missingSize(options: ElementOptions, { aspect, outputs, solved }: Framed): Aspect | undefined {
  const largest = (solved.view.zoom * solved.crop.width) / solved.zoom.least
  const width = smallestWidth(options, aspect, outputs)
  if (largest + TOLERANCE >= width) return undefined
  return [Math.ceil(width), Math.ceil((width * aspect[1]) / aspect[0])]
}

/** By how much the outputs are larger than the crop; 1 and less: they are not. */
export function enlargement({ outputs, solved }: Framed): number {
  return Math.max(...outputs.map(({ width }) => (width - TOLERANCE) / solved.crop.width))
}
