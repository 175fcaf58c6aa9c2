// The page for people: by keyboard, with a screen reader, in a form without script.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { TrueCrop } from '../../www/element/true-crop.js'
import {
  digestsIn,
  expect,
  fixture,
  moveAndSettle,
  openPage,
  pickFile,
  readResult,
  sha,
  test,
  upload,
  waitUntilSettled,
} from './harness.js'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

for (const scheme of ['light', 'dark'] as const) {
  test(`axe finds no accessibility problem: ${scheme}`, async ({ page, server }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await openPage(page, server)
    const checkAccessibility = async (when: string): Promise<void> => {
      const found = await page.evaluate(async (source) => {
        if (!('axe' in window)) new Function(source)()
        const { violations } = await (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run()
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
      }, axe)
      expect(found, when).toEqual([])
    }
    await checkAccessibility('empty')
    await pickFile(page, fixture('coffee.jpg'))
    await checkAccessibility('with a photo')
    await upload(page)
    await checkAccessibility('with a verdict')
  })
}

test('a plain form without script sends the picture and its receipt', async ({ page, server }) => {
  await openPage(page, server, '/demo/plain.html')
  await pickFile(page, fixture('phone-orientation-6.jpg'))
  const { bytes } = await readResult(page)
  const [answer] = await Promise.all([
    page.waitForResponse((r) => r.url().endsWith('/v1/images')),
    page.getByRole('button', { name: 'Upload' }).click(),
  ])
  expect(answer.status()).toBe(201)
  expect(digestsIn(server.store)).toContain(sha(bytes))
})

test('an empty required element prevents the form from being submitted, and says why', async ({ page, server }) => {
  await openPage(page, server, '/demo/plain.html')
  await page.getByRole('button', { name: 'Upload' }).click()
  expect(page.url()).toContain('plain.html')
  expect(await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).validity.valueMissing)).toBe(true)
})

test('everything can be done with keys alone', async ({ page, server }) => {
  await openPage(page, server)
  await pickFile(page, fixture('coffee.jpg'))
  const before = (await readResult(page)).receipt
  const stage = page.locator('true-crop [part=stage]')
  await stage.focus()
  await moveAndSettle(page, async () => {
    for (const key of ['+', '+', '+', 'ArrowRight', 'ArrowRight', 'ArrowDown']) await stage.press(key)
  })
  const after = (await readResult(page)).receipt
  expect(after.view.zoom).toBeGreaterThan(before.view.zoom)
  expect(after.crop.width).toBeLessThan(before.crop.width)
  expect(after.crop.x).not.toBe(before.crop.x)
  await upload(page)
})

test('the point under the pointer stays under it while the wheel zooms', async ({ page, server }) => {
  await openPage(page, server)
  await pickFile(page, fixture('coffee.jpg'))
  const frame = await page.locator('true-crop [part=frame]').boundingBox()
  if (!frame) throw new Error('no frame')
  const [fx, fy] = [0.7, 0.35]
  const point = ({ x, y, width, height }: { x: number; y: number; width: number; height: number }) => [
    x + fx * width,
    y + fy * height,
  ]
  const [x0, y0] = point((await readResult(page)).receipt.crop) as [number, number]
  await page.mouse.move(frame.x + fx * frame.width, frame.y + fy * frame.height)
  await moveAndSettle(page, async () => {
    for (let i = 0; i < 5; i += 1) await page.mouse.wheel(0, -200)
  })
  await waitUntilSettled(page)
  const { crop } = (await readResult(page)).receipt
  expect(crop.width).toBeLessThan(300)
  const [x1, y1] = point(crop) as [number, number]
  expect(Math.hypot(x1 - x0, y1 - y0)).toBeLessThan(1)
})
