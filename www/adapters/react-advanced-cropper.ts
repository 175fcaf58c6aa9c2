/**
 * react-advanced-cropper (and advanced-cropper): the cropper's state, as a recipe.
 *
 * ```tsx
 * <Cropper src={url} stencilProps={{ aspectRatio: 1 }} onChange={(cropper) => setState(cropper.getState())} />
 *
 * const { recipe } = toRecipe(state, { source: photo.facts, orientation: photo.facts.orientation, width: 512, height: 512 })
 * ```
 *
 * Unless `checkOrientation` is off, the cropper turns a photo by its EXIF orientation itself, and its state says so: therefore `orientation`.
 */

import { invalidOption } from '../client/error.js'
import { withoutExif } from './exif.js'
import { type Adapted, type AdapterOptions, adapted, numbers, sizeOf } from './placement.js'

export type { Adapted, AdapterOptions, SourceSize } from './placement.js'

/** The part of the cropper's state that is read. */
export interface AdvancedCropperData {
  coordinates: { left: number; top: number; width: number; height: number } | null
  /** The size of the photo as the cropper has it. */
  imageSize?: { width: number; height: number }
  transforms?: { rotate?: number; flip?: { horizontal?: boolean; vertical?: boolean } }
}

export interface AdvancedCropperOptions extends AdapterOptions {
  /** The EXIF orientation that the cropper has applied by itself: `photo.facts.orientation`; without it with `checkOrientation={false}`. */
  orientation?: number
}

/** @throws TruecropError `invalid-option`, `crop-outside-source` */
export function toRecipe(data: AdvancedCropperData | null | undefined, options: AdvancedCropperOptions): Adapted {
  if (!data?.coordinates) {
    const detail = 'The state has no coordinates yet: take it in onReady or onChange, from cropper.getState().'
    throw invalidOption(detail, 'coordinates', '{ left, top, width, height }', data?.coordinates)
  }
  const names = ['left', 'top', 'width', 'height'] as const
  const { left, top, width, height } = numbers(data.coordinates, names, "a cropper's state")
  const { rotate = 0, flip } = data.transforms ?? {}
  const scales = { scaleX: flip?.horizontal ? -1 : 1, scaleY: flip?.vertical ? -1 : 1 }
  checkSize(data, options)
  return adapted(
    { area: { x: left, y: top, width, height }, ...withoutExif({ rotate, ...scales }, options.orientation) },
    options,
  )
}

/** Whether the cropper has the photo as it is said to have it: standing or lying. */
function checkSize({ imageSize }: AdvancedCropperData, { source, orientation = 1 }: AdvancedCropperOptions): void {
  if (!imageSize) return
  const { width, height } = sizeOf(source)
  const [w, h] = orientation > 4 ? [height, width] : [width, height]
  if (imageSize.width === w && imageSize.height === h) return
  const detail =
    'The cropper has this photo in another size. It turns photos by their EXIF orientation: pass orientation: photo.facts.orientation, or set checkOrientation={false}.'
  throw invalidOption(detail, 'orientation', `${w} x ${h}`, `${imageSize.width} x ${imageSize.height}`)
}
