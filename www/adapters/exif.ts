/** Croppers that turn a photo by its EXIF orientation themselves (cropperjs 1 and advanced-cropper, unless `checkOrientation` is off): their turns and mirrors are of its stored pixels. */

import { invalidOption } from '../client/error.js'
import type { Flip } from '../protocol.js'
import { flipOf } from './placement.js'

/** What these croppers do for each orientation: the same in both. */
const BY_EXIF: Record<number, [rotate: number, scaleX: number, scaleY: number]> = {
  1: [0, 1, 1],
  2: [0, -1, 1],
  3: [-180, 1, 1],
  4: [0, 1, -1],
  5: [90, 1, -1],
  6: [90, 1, 1],
  7: [90, -1, 1],
  8: [-90, 1, 1],
}

/** The turn and the mirror of the picture as browsers show it. The orientation is the one that the cropper has applied; 1 where it has not. */
export function withoutExif(
  { rotate, scaleX, scaleY }: { rotate: number; scaleX: number; scaleY: number },
  orientation = 1,
): { rotate: number; flip: Flip } {
  const exif = BY_EXIF[orientation]
  if (!exif) throw invalidOption('An orientation is 1 to 8.', 'orientation', '1 to 8', orientation)
  const [turned, flippedX, flippedY] = exif
  const [sx, sy] = [scaleX * flippedX, scaleY * flippedY]
  // R(rotate) S(scale) of the stored pixels is R(rotate) S(sx, sy) R(-turned) of what browsers show; a mirror reverses the turn that it passes.
  return { rotate: sx * sy < 0 ? rotate + turned : rotate - turned, flip: flipOf(sx < 0, sy < 0) }
}
