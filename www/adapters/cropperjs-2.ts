/**
 * cropperjs 2: the image's transform and the selection, as a recipe.
 *
 * ```js
 * const cropper = new Cropper(image)
 * const { recipe } = toRecipe(dataOf(cropper), { source: photo.facts, width: 512, height: 512 })
 * ```
 */

import { invalidOption } from '../client/error.js'
import { type Adapted, type AdapterOptions, type Area, adapted, flipOf, numbers, sizeOf, turnedSize } from './placement.js'

export type { Adapted, AdapterOptions, SourceSize } from './placement.js'

export interface Cropper2Data {
  /** `cropperImage.$getTransform()`: a, b, c, d, e, f. */
  transform: readonly number[]
  /** `cropperSelection`'s `x`, `y`, `width` and `height`, in pixels of the canvas. */
  selection: Area
}

/** The part of a `Cropper` that is read. */
export interface Cropper2 {
  getCropperImage(): { $getTransform(): readonly number[] } | null
  getCropperSelection(): Area | null
}

/** How far a transform may be from one without skew, as a part of its scale: what is left of many steps of floating point. */
const SKEW = 1e-6

/** What {@link toRecipe} takes, of a cropper. It is plain, and may be kept as JSON. */
export function dataOf(cropper: Cropper2): Cropper2Data {
  const [image, selection] = [cropper.getCropperImage(), cropper.getCropperSelection()]
  if (!image || !selection) {
    throw invalidOption('This cropper has no <cropper-image> or no <cropper-selection>.', 'cropper', 'both', 'not both')
  }
  const { x, y, width, height } = selection
  return { transform: [...image.$getTransform()], selection: { x, y, width, height } }
}

/** @throws TruecropError `invalid-option`, `crop-outside-source` */
export function toRecipe({ transform, selection }: Cropper2Data, options: AdapterOptions): Adapted {
  const [a, b, c, d, e, f] = (transform ?? []) as number[]
  const matrix = numbers({ a, b, c, d, e, f }, ['a', 'b', 'c', 'd', 'e', 'f'], 'a transform of six numbers')
  const { scale, degrees, isMirrored } = similarity(matrix)
  const area = numbers(selection, ['x', 'y', 'width', 'height'], 'a selection')
  const source = sizeOf(options.source)
  // The transform's origin is the picture's middle, which lies at half its own size on the canvas.
  const [dx, dy] = [
    (area.x + area.width / 2 - source.width / 2 - matrix.e) / scale,
    (area.y + area.height / 2 - source.height / 2 - matrix.f) / scale,
  ]
  const [across, down] = turnedSize(source, degrees)
  const [width, height] = [area.width / scale, area.height / scale]
  const turned = { x: across / 2 + dx - width / 2, y: down / 2 + dy - height / 2, width, height }
  return adapted({ area: turned, rotate: degrees, flip: flipOf(isMirrored, false) }, options)
}

/** The scale, and the turn after a mirror from left to right. */
function similarity({ a, b, c, d }: Record<'a' | 'b' | 'c' | 'd', number>): {
  scale: number
  degrees: number
  isMirrored: boolean
} {
  const scale = Math.hypot(a, b)
  const isMirrored = a * d - b * c < 0
  const skew = isMirrored ? Math.hypot(a + d, b - c) : Math.hypot(a - d, b + c)
  if (!(scale > 0) || skew > SKEW * scale) {
    const detail = 'This transform skews the picture, or scales its sides apart: only move, zoom, turn and mirror are understood.'
    throw invalidOption(detail, 'transform', 'a similarity', [a, b, c, d].join())
  }
  const radians = isMirrored ? Math.atan2(-b, -a) : Math.atan2(b, a)
  // Nine decimals: 30 degrees come back as 30.
  return { scale, degrees: Math.round((radians * 180e9) / Math.PI) / 1e9, isMirrored }
}
