// Other croppers' data as recipes: the core's own table, what each tool adds to it, and that the engine takes what the adapters make.
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import * as core from '../../dist/core.js'
import { TruecropError } from '../client/error.js'
import type { Crop, Flip } from '../protocol.js'
import * as croppie from './croppie.js'
import * as cropperjs from './cropperjs.js'
import * as cropperjs2 from './cropperjs-2.js'
import * as gutenberg from './gutenberg.js'
import type { Adapted, AdapterOptions } from './placement.js'
import * as advanced from './react-advanced-cropper.js'
import * as easy from './react-easy-crop.js'
import * as imageCrop from './react-image-crop.js'

interface Vector {
  name: string
  kind: string
  source: { width: number; height: number }
  data: unknown
  want?: { crop: Crop; rotate: number; flip: Flip }
  refused?: string
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url))
const vectors = JSON.parse(read('tests/vectors/interop.json').toString('utf8')) as Vector[]
const adapters: Record<string, (data: never, options: AdapterOptions) => Adapted> = {
  cropperjs: cropperjs.toRecipe,
  croppie: croppie.toRecipe,
  'react-easy-crop': easy.toRecipe,
  'react-easy-crop-percent': easy.toRecipe,
}
const SOURCE = { width: 4000, height: 3000 }

/** What a call throws. */
function thrown(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}

const placementOf = ({ recipe: { crop, rotate = 0, flip = 'none' } }: Adapted) => ({ crop, rotate, flip })

test.each(vectors)('$kind, $name: as the core', ({ kind, source, data, want, refused }) => {
  const told = thrown(() => adapters[kind]?.(data as never, { source, stretch: true, strict: true }))
  if (refused) {
    expect(told).toBeInstanceOf(TruecropError)
    // What is no crop at all has another code in a recipe.
    expect((told as TruecropError).code).toBe(refused === 'invalid-recipe' ? 'invalid-option' : refused)
    return
  }
  const { crop, rotate, flip } = placementOf(told as Adapted)
  expect({ rotate, flip }).toEqual({ rotate: want?.rotate, flip: want?.flip })
  for (const side of ['x', 'y', 'width', 'height'] as const) {
    // Math.cos may differ from the core's in the last bit: one step of the grid at most.
    const most = rotate % 90 === 0 ? 0 : 1 / 256
    expect(Math.abs(crop[side] - (want?.crop[side] ?? NaN)), side).toBeLessThanOrEqual(most)
  }
})

describe('each tool', () => {
  const square = { x: 100, y: 200, width: 600, height: 600 }
  const plain = { crop: square, rotate: 0, flip: 'none' }
  // Picture 4000 x 3000: what `$getTransform()` gives when it is scaled to a tenth, moved, turned and mirrored.
  const half = { transform: [0.1, 0, 0, 0.1, -1800, -1350], selection: { x: 10, y: 20, width: 60, height: 60 } }
  const cases: [string, Adapted, unknown][] = [
    [
      'react-image-crop, percent',
      imageCrop.toRecipe({ unit: '%', x: 2.5, y: 20 / 3, width: 15, height: 20 }, { source: SOURCE }),
      plain,
    ],
    [
      'react-image-crop, pixels of the screen',
      imageCrop.toRecipe(
        { unit: 'px', x: 10, y: 20, width: 60, height: 60 },
        { source: SOURCE, displayed: { width: 400, height: 300 } },
      ),
      plain,
    ],
    [
      'an <img> as source',
      imageCrop.toRecipe(
        { unit: '%', x: 2.5, y: 20 / 3, width: 15, height: 20 },
        { source: { naturalWidth: 4000, naturalHeight: 3000, width: 400, height: 300 } as never },
      ),
      plain,
    ],
    [
      'react-advanced-cropper',
      advanced.toRecipe({ coordinates: { left: 100, top: 200, width: 600, height: 600 } }, { source: SOURCE }),
      plain,
    ],
    [
      'react-advanced-cropper, turned and mirrored',
      advanced.toRecipe(
        { coordinates: { left: 0, top: 0, width: 300, height: 200 }, transforms: { rotate: 90, flip: { vertical: true } } },
        { source: SOURCE, stretch: true },
      ),
      { crop: { x: -50, y: 50, width: 300, height: 200 }, rotate: 90, flip: 'vertical' },
    ],
    ['cropperjs 2', cropperjs2.toRecipe(half, { source: SOURCE }), plain],
    [
      'cropperjs 2, mirrored',
      cropperjs2.toRecipe({ ...half, transform: [-0.1, 0, 0, 0.1, -1800, -1350] }, { source: SOURCE }),
      { crop: { ...square, x: 3300 }, rotate: 0, flip: 'horizontal' },
    ],
    [
      'cropperjs 2, turned',
      cropperjs2.toRecipe(
        { transform: [0, 1, -1, 0, 0, 0], selection: { x: 1850, y: 1350, width: 300, height: 300 } },
        { source: SOURCE },
      ),
      { crop: { x: 1850, y: 1350, width: 300, height: 300 }, rotate: 90, flip: 'none' },
    ],
    [
      'cropperjs 1, a photo that it turned itself',
      cropperjs.toRecipe({ x: 100, y: 200, width: 600, height: 600, rotate: 90 }, { source: SOURCE, orientation: 6 }),
      plain,
    ],
    [
      'cropperjs 1, one that it turned and mirrored itself',
      cropperjs.toRecipe({ x: 100, y: 200, width: 600, height: 600, rotate: 90, scaleX: -1 }, { source: SOURCE, orientation: 7 }),
      plain,
    ],
    [
      'cropperjs 1, and then a person',
      cropperjs.toRecipe({ x: 100, y: 200, width: 600, height: 600, rotate: 180 }, { source: SOURCE, orientation: 6 }),
      { crop: { x: 200, y: 2300, width: 600, height: 600 }, rotate: 90, flip: 'none' },
    ],
    [
      'Croppie, turned',
      croppie.toRecipe({ points: ['0', '0', '300', '300'], orientation: 6 }, { source: SOURCE }),
      { crop: { x: 0, y: 2700, width: 300, height: 300 }, rotate: 90, flip: 'none' },
    ],
    [
      'Gutenberg, modifiers',
      gutenberg.toRecipe(
        {
          modifiers: [
            { type: 'rotate', args: { angle: 90 } },
            { type: 'crop', args: { left: 0, top: 0, width: 10, height: 7.5 } },
          ],
        },
        { source: SOURCE },
      ),
      { crop: { x: 0, y: 2700, width: 300, height: 300 }, rotate: 90, flip: 'none' },
    ],
    [
      'Gutenberg, members',
      gutenberg.toRecipe({ x: 2.5, y: 20 / 3, width: 15, height: 20, rotation: 0 }, { source: SOURCE }),
      plain,
    ],
    [
      'Gutenberg, a turn alone',
      gutenberg.toRecipe({ modifiers: [{ type: 'rotate', args: { angle: 180 } }] }, { source: SOURCE }),
      { crop: { x: 0, y: 0, ...SOURCE }, rotate: 180, flip: 'none' },
    ],
  ]
  test.each(cases)('%s', (_, told, want) => expect(placementOf(told)).toEqual(want))
})

describe('outputs and shapes', () => {
  const at = (width: number, height: number, options: Partial<AdapterOptions> = {}) =>
    cropperjs.toRecipe({ x: 100, y: 100, width, height }, { source: SOURCE, ...options })

  test('without a size the output is the crop’s own, up to 2048', () => {
    expect(at(600, 400).recipe.outputs).toEqual([{ name: 'main', width: 600, height: 400, format: 'jpeg' }])
    expect(at(3000, 1500, { format: 'png' }).recipe.outputs).toEqual([{ name: 'main', width: 2048, height: 1024, format: 'png' }])
    expect(at(600, 400, { width: 300, quality: 70 }).recipe.outputs).toEqual([
      { name: 'main', width: 300, height: 200, format: 'jpeg', quality: 70 },
    ])
    expect(at(600, 400, { height: 100 }).recipe.outputs).toMatchObject([{ width: 150, height: 100 }])
  })

  test('a round crop is cut to the ellipse, as PNG or as asked; a JPEG and outputs of one’s own are left as they are', () => {
    expect(at(600, 400, { mask: 'ellipse' }).recipe.outputs).toEqual([
      { name: 'main', width: 600, height: 400, format: 'png', mask: 'ellipse' },
    ])
    const round = (options: Partial<AdapterOptions> = {}) =>
      easy.toRecipe(
        { croppedAreaPixels: { x: 100, y: 100, width: 600, height: 600 }, cropShape: 'round' },
        { source: SOURCE, width: 64, height: 64, ...options },
      ).recipe.outputs[0]
    expect(round()).toEqual({ name: 'main', width: 64, height: 64, format: 'png', mask: 'ellipse' })
    expect(round({ format: 'webp', quality: 80 })).toMatchObject({ format: 'webp', quality: 80, mask: 'ellipse' })
    expect(round({ format: 'jpeg' })).not.toHaveProperty('mask')
    expect(round({ outputs: [{ name: 'a', width: 9, height: 9, format: 'png' }] })).not.toHaveProperty('mask')
  })

  test('rounding of the other cropper is taken out: the crop has exactly the output’s shape', () => {
    const { recipe, moved } = at(733, 732, { width: 512, height: 512 })
    expect([recipe.crop, moved]).toEqual([{ x: 100.5, y: 100, width: 732, height: 732 }, 0])
    const wide = at(1280, 719, { width: 1920, height: 1080 }).recipe.crop
    expect(wide.width / wide.height).toBeCloseTo(16 / 9, 4)
  })

  test('another shape is refused, unless the picture may be stretched', () => {
    const refused = thrown(() => at(640, 480, { width: 512, height: 512 }))
    expect(refused).toMatchObject({ code: 'invalid-option', field: 'outputs[0]', expected: '512:512', got: '640 x 480' })
    expect(at(640, 480, { width: 512, height: 512, stretch: true }).recipe.crop).toMatchObject({ width: 640, height: 480 })
    const outputs = [512, 256].map((width, i) => ({ name: `o${i}`, width, height: 256, format: 'jpeg' as const }))
    expect(thrown(() => at(600, 300, { outputs }))).toMatchObject({ field: 'outputs[1]' })
  })

  test('a crop that leaves the picture is brought inside, which is told; or kept, over a background; or refused', () => {
    const beyond = { x: -80, y: 2900, width: 300, height: 300 }
    const { recipe, moved } = cropperjs.toRecipe(beyond, { source: SOURCE })
    expect([recipe.crop, moved]).toEqual([{ x: 0, y: 2700, width: 300, height: 300 }, 200])
    expect(cropperjs.toRecipe({ x: -500, y: -500, width: 5000, height: 5000 }, { source: SOURCE }).recipe.crop).toEqual({
      x: 500,
      y: 0,
      width: 3000,
      height: 3000,
    })
    const over = cropperjs.toRecipe(beyond, { source: SOURCE, background: '#ffffff' })
    expect([over.recipe.crop, over.recipe.background, over.moved]).toEqual([beyond, '#ffffff', 0])
    expect(thrown(() => cropperjs.toRecipe(beyond, { source: SOURCE, strict: true }))).toMatchObject({
      code: 'crop-outside-source',
    })
  })

  test.each([
    ['no source', () => cropperjs.toRecipe({ x: 0, y: 0, width: 9, height: 9 }, {} as never), 'source'],
    [
      'an image that is not loaded',
      () => cropperjs.toRecipe({ x: 0, y: 0, width: 9, height: 9 }, { source: { naturalWidth: 0, naturalHeight: 0 } }),
      'source',
    ],
    ['no data', () => cropperjs.toRecipe(undefined as never, { source: SOURCE }), 'x'],
    ['no outputs', () => at(9, 9, { outputs: [] }), 'outputs'],
    [
      'a scaled picture',
      () => cropperjs.toRecipe({ x: 0, y: 0, width: 9, height: 9, scaleX: 0.5 }, { source: SOURCE }),
      'scaleX',
    ],
    [
      'a skewed picture',
      () =>
        cropperjs2.toRecipe(
          { transform: [1, 0.5, 0, 1, 0, 0], selection: { x: 0, y: 0, width: 9, height: 9 } },
          { source: SOURCE },
        ),
      'transform',
    ],
    [
      'pixels of an unknown screen',
      () => imageCrop.toRecipe({ unit: 'px', x: 0, y: 0, width: 9, height: 9 }, { source: SOURCE }),
      'displayed',
    ],
    ['a state before the image is there', () => advanced.toRecipe({ coordinates: null }, { source: SOURCE }), 'coordinates'],
    [
      'a photo that the cropper has turned',
      () =>
        advanced.toRecipe(
          { coordinates: { left: 0, top: 0, width: 9, height: 9 }, imageSize: { width: 3000, height: 4000 } },
          { source: SOURCE },
        ),
      'orientation',
    ],
    [
      'an unknown modifier',
      () => gutenberg.toRecipe({ modifiers: [{ type: 'blur', args: {} } as never] }, { source: SOURCE }),
      'modifiers[0].type',
    ],
  ] as const)('%s is told', (_, call, field) => {
    expect(thrown(call)).toMatchObject({ name: 'TruecropError', code: 'invalid-option', field })
  })
})

describe('the engine takes what the adapters make', () => {
  beforeAll(() => core.init())

  test('of any data', { timeout: 60_000 }, () => {
    const session = core.Session.fromBytes(read('tests/fixtures/coffee.jpg'))
    const source = { width: 600, height: 400 }
    // A generator of its own, so that a failure can be had again.
    let seed = 7
    const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647
    for (let i = 0; i < 600; i += 1) {
      const turn = [0, 90, 180, 270, 45, 30][i % 12] ?? random() * 360
      const data = {
        x: random() * 900 - 200,
        y: random() * 900 - 200,
        width: 1 + random() * 800,
        height: 1 + random() * 800,
        rotate: turn,
      }
      const { recipe } = cropperjs.toRecipe(
        { ...data, scaleX: i % 2 ? -1 : 1 },
        { source, width: i % 3 ? 64 : 97, height: 64, stretch: true },
      )
      // It is planned here, where every refusal is.
      expect(() => session.render(recipe).free(), JSON.stringify(data)).not.toThrow()
    }
    session.free()
  })
})
