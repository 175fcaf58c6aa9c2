// Which of the two modules is loaded: the small one for a JPEG, the one with every format when something asks for it.
import type { Page } from '@playwright/test'
import { expect, fixture, made, pick, test, visit } from './harness.js'

const SMALL = 'truecrop_jpeg_bg.wasm'
const FULL = 'truecrop_bg.wasm'

/** The modules that the page's worker asks for from now on, in order. */
function fetched(page: Page): string[] {
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
]

for (const [name, file, module] of files) {
  test(`${name} loads its module and no other`, async ({ page, server }) => {
    const names = fetched(page)
    await visit(page, server)
    await pick(page, fixture(file))
    expect((await made(page)).bytes.length).toBeGreaterThan(100)
    expect(names).toEqual([module])
  })
}

test('a PNG of a JPEG brings the other module, and the crop is the same picture', async ({ page, server }) => {
  const names = fetched(page)
  await visit(page, server)
  const told = await page.evaluate(async () => {
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
  expect(told.png.type).toBe('image/png')
  expect(told.after).toEqual(told.before)
  expect(names).toEqual([SMALL, FULL])
})
