/** What the plugins for uploaders share: the picture and the receipt of a file, by a view or by the middle of the photo. */

import { type Format, type OutputSpec, type Recipe, type Result, type View, openPhoto } from '../client/index.js'
import { invalidOption } from '../client/error.js'

export interface CropWanted {
  /** The picture to make; or `outputs`. */
  width?: number | undefined
  height?: number | undefined
  /** By default `jpeg`. */
  format?: Format | undefined
  quality?: number | undefined
  maxBytes?: number | undefined
  /** Several pictures of one crop. The frame has the first one's shape. */
  outputs?: readonly OutputSpec[] | undefined
  /** `#rrggbb` or `transparent`. */
  background?: string | undefined
}

export interface CropHow {
  view?: Partial<View> | undefined
  signal?: AbortSignal | undefined
  onProgress?: ((done: number) => void) | undefined
}

/** @throws TruecropError `invalid-option` at `width` */
export function outputsOf({ width, height, format = 'jpeg', quality, maxBytes, outputs }: CropWanted): OutputSpec[] {
  if (outputs && outputs.length > 0) return [...outputs]
  if (width === undefined || height === undefined) {
    throw invalidOption('Say what to make: width and height, or outputs.', 'width', 'a whole number', width)
  }
  const more = { ...(quality !== undefined && { quality }), ...(maxBytes !== undefined && { maxBytes }) }
  return [{ name: 'main', width, height, format, ...more }]
}

/** @throws TruecropError with the engine's codes; the signal's reason */
export async function cropped(file: Blob, wanted: CropWanted, { view, signal, onProgress }: CropHow = {}): Promise<Result> {
  const outputs = outputsOf(wanted)
  const [{ width, height }] = outputs as [OutputSpec]
  const { background } = wanted
  const photo = await openPhoto(file, { signal })
  try {
    const start: View = { zoom: 1, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none', ...view }
    const solved = await photo.solve(start, [width, height], background !== undefined, { signal })
    const { rotate, flip } = solved.view
    const recipe: Recipe = {
      truecrop: 1,
      crop: solved.crop,
      rotate,
      flip,
      ...(background !== undefined && { background }),
      outputs,
    }
    return await photo.render(recipe, { signal, onProgress })
  } finally {
    void photo.close()
  }
}
