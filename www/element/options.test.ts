// Tests of options: attributes to what is asked of the engine.
import { expect, test } from 'vitest'
import type { Facts } from '../protocol.js'
import { sliderFromZoom, zoomFromSlider } from './parts/controls.js'
import { checkOutputs, outputSize, parseOptions, resolveBackground, resolveOutputs } from './options.js'
import { fitFrame } from './screen/stage.js'

const read = (attributes: Record<string, string>) => parseOptions((name) => attributes[name] ?? null)
const facts = (alpha: boolean): Facts => ({
  format: 'png',
  bytes: 1,
  width: 4,
  height: 3,
  orientation: 1,
  alpha,
  animated: false,
  ignored: [],
})

test('sizes are whole numbers of exactly the given aspect ratio', () => {
  const cases = [
    [{}, [512, 512]],
    [{ aspect: '16:9' }, [512, 288]],
    [{ aspect: '3/2' }, [510, 340]],
    [{ aspect: '1920:1080' }, [512, 288]],
    [{ aspect: '1:2000' }, [1, 2000]],
    [{ width: '450', height: '450' }, [450, 450]],
    [{ width: '450', aspect: '16:9' }, [450, 253]],
    [{ height: '300', aspect: '4:3' }, [400, 300]],
  ] as const
  for (const [attributes, want] of cases) expect(read(attributes).aspect, JSON.stringify(attributes)).toEqual(want)
  expect(outputSize(undefined, undefined, [512, 511])).toEqual([512, 511])
})

test('a text that is not understood is complained of in words, and the default is used', () => {
  const cases = {
    aspect: 'wide',
    width: '-3',
    format: 'tiff',
    quality: '101',
    'max-bytes': '1.5',
    background: 'red',
    'max-zoom': '0',
    name: '../x',
    wheel: 'no',
    rotate: 'left',
    flip: 'bogus',
    src: 'https://',
  }
  for (const [attribute, value] of Object.entries(cases)) {
    const { complaints } = read({ [attribute]: value })
    expect(complaints, attribute).toEqual([expect.stringContaining(`The attribute ${attribute} must be `)])
    expect(complaints[0], attribute).toContain(`It is "${value}", so its default is used.`)
  }
  expect(read(cases)).toMatchObject({ aspect: [512, 512], background: undefined, maxZoom: Infinity, wheel: 'always' })
})

test('a mask makes a PNG where the format is open, and none of a JPEG', () => {
  const made = (attributes: Record<string, string>) => resolveOutputs(read({ mask: 'ellipse', ...attributes }), facts(false))[0]
  expect(made({})).toMatchObject({ format: 'png', mask: 'ellipse' })
  expect(made({ background: '#ffffff' })).toMatchObject({ format: 'png', mask: 'ellipse' })
  expect(made({ format: 'webp', quality: '80' })).toMatchObject({ format: 'webp', quality: 80, mask: 'ellipse' })
  expect(made({ format: 'jpeg' })).not.toHaveProperty('mask')
  expect(made({ mask: 'none' })).toEqual({ name: 'main', width: 512, height: 512, format: 'jpeg' })
  expect(read({ mask: 'ellipse', format: 'jpeg' }).complaints).toEqual([expect.stringContaining('A JPEG has no mask')])
  for (const [attributes, shape] of [
    [{}, 'round'],
    [{ shape: 'rectangle' }, 'rectangle'],
    // What is stored is a rectangle.
    [{ format: 'jpeg' }, 'rectangle'],
  ] as const) {
    expect(read({ mask: 'ellipse', ...attributes }).shape).toBe(shape)
  }
  const jpeg = parseOptions(() => null, [{ name: 'main', width: 8, height: 8, format: 'jpeg', mask: 'ellipse' }])
  expect([jpeg.shape, jpeg.complaints]).toEqual(['rectangle', [expect.stringContaining('A JPEG has no mask')]])
  const round = parseOptions(() => null, [{ name: 'main', width: 8, height: 8, mask: 'ellipse' }])
  expect([round.shape, round.complaints]).toEqual(['round', []])
  const each = parseOptions(
    () => null,
    [
      { name: 'round', width: 8, height: 8, mask: 'ellipse' },
      { name: 'whole', width: 8, height: 8 },
    ],
  )
  expect(resolveOutputs(each, facts(false)).map(({ format, mask }) => [format, mask])).toEqual([
    ['png', 'ellipse'],
    ['jpeg', undefined],
  ])
  expect(() => checkOutputs([{ name: 'main', width: 8, height: 8, mask: 'star' }])).toThrow(/mask must be one of none, ellipse/)
})

test('outputs that cannot be made are refused with the place of the mistake', () => {
  const good = { name: 'main', width: 8, height: 8 }
  const cases: [unknown, RegExp][] = [
    ['main', /^outputs must be an array/],
    [[null], /^outputs\[0\] must be/],
    [[good, good], /^outputs\[1\]\.name must differ/],
    [[{ ...good, name: 'Receipt' }], /^outputs\[0\]\.name must be/],
    [[{ ...good, name: 'receipt' }], /^outputs\[0\]\.name must be/],
    [[good, { ...good, name: 'b', width: 0 }], /^outputs\[1\]\.width must be a whole number/],
    [[{ ...good, height: Number.NaN }], /^outputs\[0\]\.height/],
    [[{ ...good, height: '8' }], /^outputs\[0\]\.height/],
    [[{ name: 'main', width: 8 }], /^outputs\[0\]\.height/],
    [[{ ...good, format: 'tiff' }], /^outputs\[0\]\.format/],
    [[{ ...good, quality: 101 }], /^outputs\[0\]\.quality/],
    [[{ ...good, maxBytes: 0.5 }], /^outputs\[0\]\.maxBytes/],
  ]
  for (const [outputs, sentence] of cases) expect(() => checkOutputs(outputs), JSON.stringify(outputs)).toThrow(sentence)
  for (const outputs of [undefined, null, [], [good, { ...good, name: 'b', format: 'auto', quality: 70, maxBytes: 9 }]])
    expect(() => checkOutputs(outputs)).not.toThrow()
})

test('a JPEG of a photo that may be transparent gets a white background; other pictures get none by themselves', () => {
  const cases = [
    [{ format: 'jpeg' }, true, '#ffffff'],
    [{ format: 'jpeg' }, false, undefined],
    [{ format: 'jpeg', background: '#102030' }, true, '#102030'],
    [{ format: 'jpeg', background: 'transparent' }, false, '#ffffff'],
    [{ format: 'png' }, true, undefined],
    [{}, true, undefined],
    [{ background: 'transparent' }, true, 'transparent'],
  ] as const
  for (const [attributes, alpha, background] of cases)
    expect(resolveBackground(read(attributes), facts(alpha)), JSON.stringify(attributes)).toBe(background)
  // All outputs of a recipe have one background: what is automatic then needs no alpha.
  const outputs = [
    { name: 'a', width: 8, height: 8, format: 'jpeg' as const },
    { name: 'b', width: 4, height: 4, format: 'auto' as const },
  ]
  const options = parseOptions(() => null, outputs)
  expect(resolveOutputs(options, facts(true)).map(({ format }) => format)).toEqual(['jpeg', 'jpeg'])
})

test('auto is JPEG for opaque outputs, PNG for those that may be transparent', () => {
  const cases = [
    [{}, false, 'jpeg'],
    [{}, true, 'png'],
    [{ background: '#ffffff' }, true, 'jpeg'],
    [{ background: 'transparent' }, false, 'png'],
    [{ format: 'webp' }, false, 'webp'],
    [{ format: 'jpeg' }, true, 'jpeg'],
  ] as const
  for (const [attributes, alpha, format] of cases) {
    expect(resolveOutputs(read(attributes), facts(alpha))[0]?.format, JSON.stringify(attributes)).toBe(format)
  }
  expect(resolveOutputs(read({ quality: '70' }), facts(false))[0]).toEqual({
    name: 'main',
    width: 512,
    height: 512,
    format: 'jpeg',
    quality: 70,
  })
  expect(resolveOutputs(read({ quality: '70', format: 'webp' }), facts(true))[0]).toHaveProperty('quality', 70)
  expect(resolveOutputs(read({ format: 'webp' }), facts(true))[0]).not.toHaveProperty('quality')
  const small = resolveOutputs(read({ 'max-bytes': '20000', format: 'png' }), facts(false))[0]
  expect(small).toEqual({ name: 'main', width: 512, height: 512, format: 'png', maxBytes: 20_000 })
  expect(resolveOutputs(read({ quality: '70' }), facts(true))[0]).not.toHaveProperty('quality')
})

test('outputs that are set by script win, and the first one gives the frame', () => {
  const outputs = [
    { name: 'large', width: 800, height: 600 },
    { name: 'small', width: 80, height: 60, format: 'png' as const },
  ]
  const options = parseOptions(() => null, outputs)
  expect(options.aspect).toEqual([800, 600])
  expect(resolveOutputs(options, facts(false)).map(({ format }) => format)).toEqual(['jpeg', 'png'])
})

test('the slider reaches both ends exactly, and its two functions are inverse', () => {
  expect(zoomFromSlider(0, 1.3, 4320)).toBe(1.3)
  expect(zoomFromSlider(1, 1.3, 4320)).toBe(4320)
  for (const place of [0.1, 0.5, 0.9]) expect(sliderFromZoom(zoomFromSlider(place, 1.3, 4320), 1.3, 4320)).toBeCloseTo(place, 10)
  expect(sliderFromZoom(1, 1, 1)).toBe(0)
})

test('the frame has its aspect ratio and lies in the middle of the stage', () => {
  for (const [width, height] of [
    [400, 400],
    [320, 480],
    [1000, 200],
  ] as const) {
    const box = fitFrame(width, height, [16, 9])
    expect(Math.abs(box.width * 9 - box.height * 16)).toBeLessThanOrEqual(16)
    expect(Math.abs(box.left * 2 + box.width - width)).toBeLessThanOrEqual(1)
    expect(box.left).toBeGreaterThanOrEqual(0)
    expect(box.top).toBeGreaterThanOrEqual(0)
  }
})
