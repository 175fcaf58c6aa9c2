/**
 * Croppie: what `get()` gives, as a recipe.
 *
 * ```js
 * const { recipe } = toRecipe(croppie.get(), { source: photo.facts, width: 512, height: 512 })
 * ```
 *
 * With `enableExif` Croppie turns a photo by its EXIF orientation a second time in today's browsers: leave it off. What `rotate()` does
 * (`enableOrientation`) comes with `get()`.
 */

import { invalidOption } from '../client/error.js'
import type { Flip } from '../protocol.js'
import { type Adapted, type AdapterOptions, adapted, numbers } from './placement.js'

export type { Adapted, AdapterOptions, SourceSize } from './placement.js'

export interface CroppieData {
  /** Left, top, right and bottom in pixels of the picture as it is turned; numbers or their text. */
  points: readonly (number | string)[]
  /** As EXIF orientations: 6 is a quarter turn clockwise. */
  orientation?: number
  zoom?: number
}

/** EXIF orientations as a mirror and then a turn. */
const ORIENTATIONS: Record<number, [flip: Flip, rotate: number]> = {
  1: ['none', 0],
  2: ['horizontal', 0],
  3: ['none', 180],
  4: ['vertical', 0],
  5: ['horizontal', 270],
  6: ['none', 90],
  7: ['horizontal', 90],
  8: ['none', 270],
}

/** @throws TruecropError `invalid-option`, `crop-outside-source` */
export function toRecipe(data: CroppieData, options: AdapterOptions): Adapted {
  const [left, top, right, bottom] = (data?.points ?? []) as (number | string)[]
  const edges = numbers({ left, top, right, bottom }, ['left', 'top', 'right', 'bottom'], "Croppie's data, with four points")
  const turned = ORIENTATIONS[data.orientation ?? 1]
  if (!turned) throw invalidOption('An orientation is 1 to 8.', 'orientation', '1 to 8', data.orientation)
  const area = { x: edges.left, y: edges.top, width: edges.right - edges.left, height: edges.bottom - edges.top }
  return adapted({ area, flip: turned[0], rotate: turned[1] }, options)
}
