/** What stays in memory after many photos, and after very large ones: the engine's memory, and what the page holds for the screen. */

import type { Page } from '@playwright/test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { makeLargeJpeg } from './large-jpeg.js'
import { expect, fixture, moveAndSettle, openHtml, pickFile, test } from './harness.js'

/** Counts the bitmaps and addresses of blobs that the page has made and not given back. */
async function countHeld(page: Page): Promise<() => Promise<{ bitmaps: number; addresses: number }>> {
  await page.addInitScript(() => {
    const held = { bitmaps: new Set<ImageBitmap>(), addresses: new Set<string>() }
    Object.assign(globalThis, { held })
    const { createImageBitmap } = globalThis
    globalThis.createImageBitmap = (async (...args: Parameters<typeof createImageBitmap>) => {
      const bitmap = await createImageBitmap(...args)
      held.bitmaps.add(bitmap)
      return bitmap
    }) as typeof createImageBitmap
    const { close } = ImageBitmap.prototype
    ImageBitmap.prototype.close = function (this: ImageBitmap) {
      held.bitmaps.delete(this)
      close.call(this)
    }
    const { createObjectURL, revokeObjectURL } = URL
    URL.createObjectURL = (blob) => {
      const address = createObjectURL(blob)
      held.addresses.add(address)
      return address
    }
    URL.revokeObjectURL = (address) => {
      held.addresses.delete(address)
      revokeObjectURL(address)
    }
  })
  return () =>
    page.evaluate(() => {
      const { held } = globalThis as unknown as { held: { bitmaps: Set<unknown>; addresses: Set<unknown> } }
      return { bitmaps: held.bitmaps.size, addresses: held.addresses.size }
    })
}

const engineBytes = (page: Page) =>
  page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).result?.memory ?? Number.NaN)

test('twenty photos of 108 megapixels in a row hold no more than three do, and a fraction of their pixels', async ({
  page,
  server,
}) => {
  test.setTimeout(300_000)
  const held = await countHeld(page)
  await openHtml(page, server, '<true-crop width="512" height="512"></true-crop>')
  const file = join(server.scratch, '108mp.jpg')
  writeFileSync(file, makeLargeJpeg(12_000, 9000))
  const memory: number[] = []
  for (let i = 0; i < 20; i += 1) {
    await pickFile(page, file)
    memory.push(await engineBytes(page))
  }
  const facts = await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).facts)
  expect([facts?.width, facts?.height]).toEqual([12_000, 9000])
  // A photo is open until the next one is: the third one may find the room of two in pieces.
  expect(Math.max(...memory)).toBe(memory[2])
  // One byte a pixel would be 108 MB.
  expect(memory[2]).toBeLessThan(32 * 1024 * 1024)
  expect(page.workers().length).toBe(1)
  // Only what is shown now: the exact picture.
  expect(await held()).toEqual({ bitmaps: 0, addresses: 1 })
  const turned = { zoom: 1.5, center: { x: 0.4, y: 0.6 }, rotate: 12, flip: 'none' } as const
  await moveAndSettle(page, () =>
    page.evaluate((view) => void ((document.querySelector('true-crop') as TrueCrop).view = view), turned),
  )
  expect(await engineBytes(page)).toBeLessThan(64 * 1024 * 1024)
})

test('every way to leave a photo gives back what the screen held of it', async ({ page, server }) => {
  const held = await countHeld(page)
  await openHtml(page, server, '<form><true-crop width="64" height="64" multiple></true-crop></form>')
  const input = page.locator('true-crop input[type=file]')
  const files = ['coffee.jpg', 'cat.png', 'cat.webp'].map(fixture)
  const run = (name: string) =>
    page.evaluate((name) => {
      const element = document.querySelector('true-crop') as TrueCrop
      if (name === 'clear') element.clear()
      if (name === 'reset') element.form?.reset()
      if (name === 'remove') element.remove()
    }, name)
  for (const way of ['clear', 'reset', 'remove']) {
    await input.setInputFiles(files)
    await page.waitForFunction(() => document.querySelector('true-crop')?.state === 'ready')
    expect((await held()).addresses, way).toBeGreaterThanOrEqual(3)
    await run(way)
    await expect.poll(held, way).toEqual({ bitmaps: 0, addresses: 0 })
  }
})
