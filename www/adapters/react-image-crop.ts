/**
 * react-image-crop: what `onChange` or `onComplete` gives, as a recipe.
 *
 * ```tsx
 * <ReactCrop crop={crop} aspect={1} onChange={(pixels, percent) => setCrop(percent)}><img ref={image} src={url} /></ReactCrop>
 *
 * const { recipe } = toRecipe(crop, { source: image.current, width: 512, height: 512 })
 * ```
 */

import { invalidOption } from '../client/error.js'
import { type Adapted, type AdapterOptions, type Area, adapted, numbers, sizeOf } from './placement.js'

export type { Adapted, AdapterOptions, SourceSize } from './placement.js'

export type ReactImageCropData = Area & { unit: '%' | 'px' }

export interface ReactImageCropOptions extends AdapterOptions {
  /** For a crop in `px`: the size of the picture on the screen, such as the `<img>`'s `clientWidth` and `clientHeight`. */
  displayed?: { width: number; height: number }
}

/** @throws TruecropError `invalid-option`, `crop-outside-source` */
export function toRecipe(data: ReactImageCropData, options: ReactImageCropOptions): Adapted {
  const source = sizeOf(options.source)
  const area = numbers(data, ['x', 'y', 'width', 'height'], 'a crop of react-image-crop')
  if (data.unit !== '%' && !options.displayed) {
    const detail = 'A crop in px needs the size of the picture on the screen: pass displayed, or the crop in percent.'
    throw invalidOption(detail, 'displayed', '{ width, height }', 'nothing')
  }
  const whole = data.unit === '%' ? { width: 100, height: 100 } : numbers(options.displayed, ['width', 'height'], 'a size')
  const [w, h] = [source.width / whole.width, source.height / whole.height]
  return adapted({ area: { x: area.x * w, y: area.y * h, width: area.width * w, height: area.height * h } }, options)
}
