// Which module is loaded: the small one for a JPEG, the full one when another format is needed, all formats for a rare one.
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
