// The dial that straightens the photo: by mouse, by keyboard, and what screen readers hear of it.
import type { Page } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { expect, fixture, openHtml, pickFile, readResult, test, waitUntilSettled } from './harness.js'

const rotateOf = (page: Page): Promise<number> => page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).rotate)
const slider = (page: Page) => page.locator('true-crop [part=dial] input')

/** Drags the scale by CSS pixels, to the right. */
async function drag(page: Page, dx: number, { letGo = true } = {}): Promise<void> {
  const box = await page.locator('true-crop .scale').boundingBox()
  if (!box) throw new Error('no dial')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + dx, y, { steps: 6 })
  if (letGo) await page.mouse.up()
}

test('the dial is there where it is asked for, and its file is loaded only then', async ({ page, server }) => {
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(request.url()))
  const dials = () => loaded.filter((url) => /\/dial-\w+\.js$/.test(url)).length
  await openHtml(page, server, '<true-crop width="64" height="64"></true-crop>')
  await pickFile(page, fixture('coffee.jpg'))
  await expect(page.locator('true-crop [part~=button-turnleft]')).toBeVisible()
  expect(dials()).toBe(0)
  await page.evaluate(() => ((document.querySelector('true-crop') as TrueCrop).straighten = true))
  await expect(slider(page)).toHaveAttribute('aria-label', 'Straighten')
  expect(dials()).toBe(1)
  await page.evaluate(() => ((document.querySelector('true-crop') as TrueCrop).straighten = false))
  await expect(page.locator('true-crop [part=dial]')).toBeHidden()
})

test('the scale follows the pointer, and is drawn to 0', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="64" height="64" straighten></true-crop>')
  await page.addStyleTag({ content: 'true-crop { width: 500px }' })
  await pickFile(page, fixture('coffee.jpg'))
  await slider(page).waitFor({ state: 'attached' })
  await drag(page, -60)
  expect(await rotateOf(page)).toBe(10)
  await expect(page.locator('true-crop .degrees')).toHaveText('10°')
  await drag(page, 56)
  expect(await rotateOf(page), 'within the snap').toBe(0)
  await drag(page, 30)
  expect(await rotateOf(page)).toBe(-5)
  // One drag is one step.
  await page.keyboard.press('Control+z')
  expect(await rotateOf(page)).toBe(0)
  await drag(page, -90, { letGo: false })
  expect(await rotateOf(page)).toBe(15)
  await page.keyboard.press('Escape')
  expect(await rotateOf(page), 'given up').toBe(0)
  await page.mouse.move(0, 0)
  await page.mouse.up()
  expect(await rotateOf(page), 'and ended').toBe(0)
  await drag(page, -90)
  await page.locator('true-crop .scale').dblclick()
  expect(await rotateOf(page), 'double click').toBe(0)
  // Beyond the end, and from there: 45 degrees are not -45 of the next quarter turn.
  await drag(page, -400)
  expect(await rotateOf(page)).toBe(45)
  await drag(page, 6)
  expect(await rotateOf(page)).toBe(44)
})

const keys: [key: string, from: number, to: number][] = [
  ['ArrowRight', 0, 0.5],
  ['ArrowLeft', 0, -0.5],
  ['ArrowUp', 3, 3.5],
  ['ArrowDown', 3, 2.5],
  ['Shift+ArrowRight', 0, 5],
  ['PageUp', 1, 6],
  ['PageDown', 1, -4],
  ['Home', 0, -45],
  ['End', 0, 45],
  ['0', 12.3, 0],
  // Beside a quarter turn.
  ['ArrowRight', 90, 90.5],
  ['ArrowLeft', 270, 269.5],
  ['0', 97, 90],
  ['End', 180, 225],
  // Not beyond the end.
  ['ArrowRight', 45, 45],
]

test('the dial is a slider for the keyboard and screen readers', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="64" height="64" straighten></true-crop>')
  await pickFile(page, fixture('coffee.jpg'))
  await slider(page).focus()
  for (const [key, from, to] of keys) {
    await page.evaluate((from) => ((document.querySelector('true-crop') as TrueCrop).rotate = from), from)
    await page.keyboard.press(key)
    expect(await rotateOf(page), `${key} from ${from}`).toBe(to)
  }
  await page.evaluate(() => ((document.querySelector('true-crop') as TrueCrop).rotate = 0))
  await page.keyboard.press('Shift+ArrowLeft')
  await page.keyboard.press('ArrowRight')
  await expect(slider(page)).toHaveAttribute('aria-valuetext', '-4.5°')
  expect(await slider(page).evaluate((input: HTMLInputElement) => [input.min, input.max, input.value])).toEqual([
    '-45',
    '45',
    '-4.5',
  ])
  // What is shown is what is made, with nothing from outside of the photo.
  await waitUntilSettled(page)
  const { receipt } = await readResult(page)
  expect((receipt.view as { rotate?: number }).rotate).toBe(355.5)
  await expect(page.locator('true-crop [role=status].quiet')).toContainText('turned by -4.5°')
})
