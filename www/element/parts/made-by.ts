/** What a picture hangs on beside its photo and its place: when it changes, the picture has to be made again. */

import type { ElementOptions } from '../options.js'

export function madeBy({ outputs, background, aspects, maxZoom, minWidth, minHeight }: ElementOptions): string {
  return JSON.stringify([outputs, background, aspects, String(maxZoom), minWidth, minHeight])
}
