// What is seen: in scripts that run from right to left, in forced colours.
import type { Page } from '@playwright/test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, fixture, openHtml, pickFile, test } from './harness.js'
import { makePng, readPng } from './png.js'

test('left is left in scripts that run from right to left', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop controls="full"></true-crop>', 'dir="rtl"')
  await page.setViewportSize({ width: 900, height: 1100 })
  await pickFile(page, fixture('coffee.jpg'))
  const x = async (part: string): Promise<number> => (await page.locator(`true-crop [part~=${part}]`).boundingBox())?.x ?? NaN
  expect(await x('button-left')).toBeLessThan(await x('button-right'))
  expect(await x('button-turnleft')).toBeLessThan(await x('button-turnright'))
  // What is not spatial follows the script.
  expect(await x('button-in')).toBeLessThan(await x('button-out'))
})

/** The mean brightness, 0 to 255, of a square of the screen. */
async function brightness(page: Page, x: number, y: number): Promise<number> {
  const { data } = readPng(await page.screenshot({ clip: { x, y, width: 8, height: 8 } }))
  return data.reduce((sum, value) => sum + value, 0) / data.length
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const forcedColors of ['none', 'active'] as const) {
    test(`inside and outside of the frame differ: ${colorScheme}, forced colours ${forcedColors}`, async ({ page, server }) => {
      await page.emulateMedia({ forcedColors, colorScheme })
      // In every picture that is of one colour, because only the veil makes the difference.
      await openHtml(page, server, '<true-crop aspect="1:1" controls="none"></true-crop>', 'style="color-scheme: light dark"')
      await page.addStyleTag({ content: 'true-crop { width: 300px }' })
      const file = join(server.scratch, 'gray.png')
      writeFileSync(
        file,
        makePng(300, 100, () => [128, 128, 128]),
      )
      await pickFile(page, file)
      const frame = await page.locator('true-crop [part=frame]').boundingBox()
      if (!frame) throw new Error('no frame')
      const middle = frame.y + frame.height / 2
      const inside = await brightness(page, frame.x + 20, middle)
      const outside = await brightness(page, frame.x - 14, middle)
      expect(Math.abs(inside - outside)).toBeGreaterThan(40)
    })
  }
}
