// Which module is loaded: the small one for a JPEG, the full one when another format is needed, all formats for a rare one.
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expect, fixture, openPage, pickFile, readResult, test } from './harness.js'

const SMALL = 'truecrop_jpeg_bg.wasm'
const FULL = 'truecrop_bg.wasm'
const ALL = 'truecrop_all_bg.wasm'
const HEIC = 'truecrop_heic_bg.wasm'

/** The modules that the page's worker fetches from now on, in order. */
function recordModules(page: Page): string[] {
  const names: string[] = []
  page.context().on('request', (request) => {
    const name = new URL(request.url()).pathname.split('/').pop() ?? ''
    if (name.endsWith('.wasm')) names.push(name)
  })
  return names
}

const files: [string, string, string][] = [
  ['a JPEG', 'coffee.jpg', SMALL],
  ['a JPEG with a gain map', 'hdr/both.jpg', SMALL],
  ['a PNG', 'cat-alpha.png', FULL],
  ['a WebP', 'cat.webp', FULL],
  ['a GIF', 'animated.gif', FULL],
  ['a HEIC', 'heic/grid.heic', HEIC],
  ['a TIFF', 'rare/orientation-6-p3.tif', ALL],
  ['a BMP', 'rare/alpha.bmp', ALL],
  ['an icon', 'rare/mask.ico', ALL],
  ['a TGA', 'rare/rle-alpha.tga', ALL],
  ['a PNM', 'rare/p5.pgm', ALL],
  ['a QOI', 'rare/alpha.qoi', ALL],
]

for (const [name, file, module] of files) {
  test(`${name} loads its module only`, async ({ page, server }) => {
    const names = recordModules(page)
    await openPage(page, server)
    await pickFile(page, fixture(file))
    expect((await readResult(page)).bytes.length).toBeGreaterThan(100)
    expect(names).toEqual([module])
  })
}

test('a PNG output of a JPEG loads the full module, which then gives the same JPEG output', async ({ page, server }) => {
  const names = recordModules(page)
  await openPage(page, server)
  const results = await page.evaluate(async () => {
    const { openPhoto } = (await import(new URL('../index.js', location.href).href)) as typeof import('../../www/client/index.js')
    const photo = await openPhoto(await (await fetch('sample.jpg')).blob())
    const { crop } = await photo.solve({ zoom: 1, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }, [1, 1])
    const make = async (format: 'jpeg' | 'png') => {
      const made = await photo.render({ truecrop: 1, crop, outputs: [{ name: 'main', width: 32, height: 32, format }] })
      return { type: made.outputs[0]?.type, size: made.outputs[0]?.size ?? 0, receipt: made.receipt }
    }
    const [before, png, after] = [await make('jpeg'), await make('png'), await make('jpeg')]
    await photo.close()
    return { before, png, after }
  })
  expect(results.png.type).toBe('image/png')
  expect(results.after).toEqual(results.before)
  expect(names).toEqual([SMALL, FULL])
})

test('a gain map that is kept loads the full module, and is in the file; one that is left is said', async ({ page, server }) => {
  const names = recordModules(page)
  await openPage(page, server)
  const file = [...readFileSync(fixture('hdr/both.jpg'))]
  const results = await page.evaluate(async (file) => {
    const { openPhoto } = (await import(new URL('../index.js', location.href).href)) as typeof import('../../www/client/index.js')
    const photo = await openPhoto(new Blob([new Uint8Array(file)]))
    const crop = { x: 64, y: 48, width: 128, height: 96 }
    const make = async (hdr?: 'keep') => {
      const output = { name: 'main', width: 64, height: 48, format: 'jpeg' as const, ...(hdr && { hdr }) }
      const made = await photo.render({ truecrop: 1, crop, outputs: [output] })
      const blob = made.outputs[0] as Blob
      const { width, height } = await createImageBitmap(blob)
      return { receipt: JSON.parse(made.receipt), shown: [width, height], text: await blob.text() }
    }
    const [plain, kept, again] = [await make(), await make('keep'), await make()]
    await photo.close()
    return { facts: photo.facts.ignored, plain, kept, again }
  }, file)
  expect(results.facts).toEqual(['gain-map'])
  expect(results.plain.receipt.source.ignored).toEqual(['gain-map'])
  expect(results.again).toEqual(results.plain)
  expect(results.kept.receipt.source.ignored).toBeUndefined()
  expect(results.kept.receipt.outputs[0].map).toEqual({ width: 16, height: 12 })
  expect(results.kept.shown).toEqual([64, 48])
  expect(results.kept.text).toContain('hdrgm:GainMapMax="2"')
  expect(names).toEqual([SMALL, FULL])
})

test('the element keeps the map where its attribute says so, and says else that it is left', async ({ page, server }) => {
  await openPage(page, server)
  const note = page.locator('true-crop').getByText('Its extra brightness for HDR screens is left out.')
  await pickFile(page, fixture('hdr/both.jpg'))
  await expect(note).toBeVisible()
  await page.locator('true-crop').evaluate((element) => element.setAttribute('hdr', 'keep'))
  await expect(note).toBeHidden()
  expect((await readResult(page)).receipt).toHaveProperty('outputs.0.map')
})
