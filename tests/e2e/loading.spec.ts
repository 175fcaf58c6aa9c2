// While a file is being opened: its name, a way to give up, and the photo at once.
import type { Page } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { eightK, expect, fixture, openHtml, pickFile, readResult, test, waitUntilSettled } from './harness.js'

const state = (page: Page) => page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).state)
const loading = (page: Page) => page.locator('true-crop [part=loading]')
const first = (page: Page) => page.locator('true-crop [part=first]')

/** Holds the engine back until the function that is returned is called. */
async function holdEngine(page: Page): Promise<() => void> {
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  await page.context().route(/\.wasm$/, async (route) => {
    await held
    await route.continue()
  })
  return release
}

test('the photo is seen before the engine is there, where it will stand; its name is shown and announced', async ({
  page,
  server,
}) => {
  await openHtml(page, server, '<true-crop width="300" height="200"></true-crop>')
  const release = await holdEngine(page)
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('phone-orientation-6.jpg'))
  await expect(first(page)).toBeVisible()
  expect(await state(page)).toBe('opening')
  await expect(loading(page)).toContainText('Opening phone-orientation-6.jpg …')
  await expect(page.locator('true-crop [role=status].quiet')).toHaveText('Opening phone-orientation-6.jpg …')
  const early = await first(page).evaluate((image) => {
    const { naturalWidth, naturalHeight } = image as HTMLImageElement
    const { x, y, width, height } = image.getBoundingClientRect()
    return { box: [x, y, width, height], upright: naturalHeight > naturalWidth }
  })
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/loading.png` })
  release()
  await waitUntilSettled(page)
  await expect(first(page)).toBeHidden()
  await expect(loading(page)).toBeHidden()
  const frame = await page.locator('true-crop [part=frame]').boundingBox()
  expect(early).toEqual({ box: [frame?.x, frame?.y, frame?.width, frame?.height], upright: true })
})

test('opening can be given up by a button: nothing is left of it, and the photo before stays', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="300" height="200"></true-crop>')
  const release = await holdEngine(page)
  const input = page.locator('true-crop input[type=file]')
  await input.setInputFiles(fixture('coffee.jpg'))
  await page.getByRole('button', { name: 'Cancel' }).click()
  expect(await state(page)).toBe('empty')
  await expect(first(page)).toBeHidden()
  // The focus is where the next photo is chosen.
  await expect(page.locator('true-crop [part=choose]')).toBeFocused()
  release()
  await pickFile(page, fixture('coffee.jpg'))
  const before = await readResult(page)
  await input.setInputFiles(eightK(server.scratch))
  await page.getByRole('button', { name: 'Cancel' }).click()
  expect(await state(page)).toBe('ready')
  expect((await readResult(page)).receipt).toEqual(before.receipt)
  await expect(loading(page)).toBeHidden()
})

for (const [file, sentence] of [
  ['coffee-truncated.jpg', 'This file is cut off: part of the photo is missing.'],
  ['animated.gif', 'Only the first frame of this animation is used.'],
] as const) {
  test(`${file}: what is not shown of it is said`, async ({ page, server }) => {
    await openHtml(page, server, '<true-crop width="64" height="64"></true-crop>')
    await pickFile(page, fixture(file))
    await expect(page.locator('true-crop [part=note]')).toHaveText(sentence)
    await pickFile(page, fixture('coffee.jpg'))
    await expect(page.locator('true-crop [part=note]')).toHaveText('')
  })
}
