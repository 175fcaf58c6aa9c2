/**
 * cropperjs 1: what `getData()` gives, as a recipe.
 *
 * ```js
 * const cropper = new Cropper(image, { aspectRatio: 1, checkOrientation: false })
 * const { recipe } = toRecipe(cropper.getData(), { source: photo.facts, width: 512, height: 512 })
 * ```
 *
 * With `checkOrientation` (cropperjs's default) a photo is turned by cropperjs instead of the browser, and its data say so: give that `orientation`.
 */

import { invalidOption } from '../client/error.js'
import { withoutExif } from './exif.js'
import { type Adapted, type AdapterOptions, type Area, adapted, numbers } from './placement.js'

export type { Adapted, AdapterOptions, SourceSize } from './placement.js'

export type CropperjsData = Area & { rotate?: number; scaleX?: number; scaleY?: number }

export interface CropperjsOptions extends AdapterOptions {
  /** The EXIF orientation that cropperjs has applied by itself (`checkOrientation`): `photo.facts.orientation`. */
  orientation?: number
}

/** @throws TruecropError `invalid-option`, `crop-outside-source` */
export function toRecipe(data: CropperjsData, options: CropperjsOptions): Adapted {
  const area = numbers(data, ['x', 'y', 'width', 'height'], 'what getData() of cropperjs 1 gives')
  const { rotate = 0, scaleX = 1, scaleY = 1 } = data
  if (Math.abs(scaleX) !== 1 || Math.abs(scaleY) !== 1) {
    const detail = 'A picture that is scaled by scaleX or scaleY to another size than its own is not understood: use zoom.'
    throw invalidOption(detail, 'scaleX', '1 or -1', `${scaleX}, ${scaleY}`)
  }
  return adapted({ area, ...withoutExif({ rotate, scaleX, scaleY }, options.orientation) }, options)
}
