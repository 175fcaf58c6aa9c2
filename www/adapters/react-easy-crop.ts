/**
 * react-easy-crop: what `onCropComplete` (or `onCropAreaChange`) gives, as a recipe.
 *
 * ```tsx
 * <Cropper image={url} rotation={rotation} aspect={1} onCropComplete={(area, pixels) => setCrop({ croppedArea: area, croppedAreaPixels: pixels, rotation })} />
 *
 * const { recipe } = toRecipe(crop, { source: photo.facts, width: 512, height: 512 })
 * ```
 */

import { invalidOption } from '../client/error.js'
import type { Flip } from '../protocol.js'
import { type Adapted, type AdapterOptions, type Area, adapted, numbers, turnedSize } from './placement.js'

export type { Adapted, AdapterOptions, SourceSize } from './placement.js'

export interface EasyCropData {
  /** In percent: taken where it is there, because the pixels are rounded. */
  croppedArea?: Area
  croppedAreaPixels?: Area
  /** The prop `rotation`, degrees clockwise. */
  rotation?: number
  /** The prop `cropShape`: of `round` the output is cut to the ellipse, unless `outputs` or the format `jpeg` are asked for. */
  cropShape?: 'rect' | 'round'
  /** Where your code mirrors the picture, before the rotation. */
  flip?: Flip
}

/** @throws TruecropError `invalid-option`, `crop-outside-source` */
export function toRecipe(data: EasyCropData, given: AdapterOptions): Adapted {
  const { croppedArea, croppedAreaPixels, rotation = 0, flip = 'none', cropShape } = data ?? {}
  const isRound = cropShape === 'round' && given.format !== 'jpeg'
  const options: AdapterOptions = isRound ? { mask: 'ellipse', ...given } : given
  const stated = croppedArea ?? croppedAreaPixels
  if (!stated) throw invalidOption('Pass { croppedArea } or { croppedAreaPixels }.', 'croppedArea', 'an area', stated)
  const area = numbers(stated, ['x', 'y', 'width', 'height'], 'an area of react-easy-crop')
  if (!croppedArea) return adapted({ area, rotate: rotation, flip }, options)
  const [w, h] = turnedSize(options.source, rotation).map((side) => side / 100) as [number, number]
  const pixels = { x: area.x * w, y: area.y * h, width: area.width * w, height: area.height * h }
  return adapted({ area: pixels, rotate: rotation, flip }, options)
}
