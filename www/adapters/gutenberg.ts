/**
 * The image editor of WordPress's block editor (Gutenberg): the `modifiers` that it sends to `/wp/v2/media/ID/edit`, or its older
 * `{x, y, width, height, rotation}` in percent, as a recipe.
 *
 * ```js
 * const { recipe } = toRecipe({ modifiers }, { source: { width: media.media_details.width, height: media.media_details.height } })
 * ```
 */

import { invalidOption } from '../client/error.js'
import type { Flip } from '../protocol.js'
import { type Adapted, type AdapterOptions, type Area, adapted, numbers, turnedSize } from './placement.js'

export type { Adapted, AdapterOptions, SourceSize } from './placement.js'

export type GutenbergModifier =
  | { type: 'rotate'; args: { angle: number } }
  | { type: 'crop'; args: { left: number; top: number; width: number; height: number } }

/** What the editor sends; all in percent, the crop of the turned picture. */
export type GutenbergData = { modifiers: readonly GutenbergModifier[] } | (Partial<Area> & { rotation?: number })

const WHOLE: Area = { x: 0, y: 0, width: 100, height: 100 }

/** @throws TruecropError `invalid-option`, `crop-outside-source` */
export function toRecipe(data: GutenbergData, options: AdapterOptions): Adapted {
  const { area, rotate } = 'modifiers' in data ? fromModifiers(data.modifiers) : fromMembers(data)
  const flip: Flip = 'none'
  const [w, h] = turnedSize(options.source, rotate).map((side) => side / 100) as [number, number]
  return adapted(
    { area: { x: area.x * w, y: area.y * h, width: area.width * w, height: area.height * h }, rotate, flip },
    options,
  )
}

function fromMembers(data: Partial<Area> & { rotation?: number }): { area: Area; rotate: number } {
  const area = numbers({ ...WHOLE, ...data }, ['x', 'y', 'width', 'height'], "the editor's data")
  return { area, rotate: data.rotation ?? 0 }
}

/** Turns add up until the crop, which comes last. */
function fromModifiers(modifiers: readonly GutenbergModifier[]): { area: Area; rotate: number } {
  let [area, rotate, isCropped] = [WHOLE, 0, false]
  for (const [i, { type, args }] of modifiers.entries()) {
    if (isCropped) throw invalidOption('Nothing may come after the crop.', `modifiers[${i}]`, 'the end', type)
    if (type === 'rotate') {
      rotate += numbers(args, ['angle'], 'a rotation').angle
    } else if (type === 'crop') {
      const { left, top, width, height } = numbers(args, ['left', 'top', 'width', 'height'], 'a crop')
      area = { x: left, y: top, width, height }
      isCropped = true
    } else {
      throw invalidOption('This modifier is not known.', `modifiers[${i}].type`, 'rotate, crop', type)
    }
  }
  return { area, rotate }
}
