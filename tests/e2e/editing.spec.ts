// Moving the photo: every key, double clicks, undo and redo, and how soon the exact picture follows.
import type { Page } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'
import type { View } from '../../www/protocol.js'
import { expect, fixture, moveAndSettle, openHtml, openPage, pickFile, readResult, test, waitUntilSettled } from './harness.js'

const viewOf = (page: Page): Promise<View> => page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).view as View)

const keys: [key: string, does: (before: View, after: View) => boolean][] = [
  ['+', (before, after) => after.zoom > before.zoom],
  ['-', (before, after) => after.zoom < before.zoom],
  ['ArrowRight', (before, after) => after.center.x < before.center.x],
  ['ArrowLeft', (before, after) => after.center.x > before.center.x],
  ['ArrowUp', (before, after) => after.center.y > before.center.y],
  ['ArrowDown', (before, after) => after.center.y < before.center.y],
  ['r', (_, after) => after.rotate === 90],
  ['Shift+R', (_, after) => after.rotate === 270],
  ['f', (_, after) => after.flip === 'horizontal'],
  ['Shift+F', (_, after) => after.flip === 'vertical'],
  ['Home', (_, after) => after.zoom === 1],
  ['End', (before, after) => after.zoom > before.zoom * 20],
  ['0', (_, after) => after.zoom === 1 && after.center.x === 0.5],
]

test('each key does its move, Control Z takes it back, and Control Shift Z or Control Y does it again', async ({
  page,
  server,
}) => {
  await openHtml(page, server, '<true-crop width="64" height="64"></true-crop>')
  await pickFile(page, fixture('coffee.jpg'))
  const stage = page.locator('true-crop [part=stage]')
  const start = { zoom: 2, center: { x: 0.4, y: 0.6 }, rotate: 0, flip: 'none' } as const
  await page.evaluate((view) => void ((document.querySelector('true-crop') as TrueCrop).view = view), start)
  const before = await viewOf(page)
  for (const [i, [key, does]] of keys.entries()) {
    await stage.press(key)
    const after = await viewOf(page)
    expect(does(before, after), `${key}: ${JSON.stringify(after)}`).toBe(true)
    await stage.press('Control+z')
    expect(await viewOf(page), `Control Z after ${key}`).toEqual(before)
    await stage.press(i % 2 ? 'Control+Shift+Z' : 'Control+y')
    expect(await viewOf(page), `again ${key}`).toEqual(after)
    await page.locator('true-crop [part~=button-undo]').click()
    expect(await viewOf(page), `the button after ${key}`).toEqual(before)
  }
  // Also where a button of the bar has the focus.
  await page.locator('true-crop [part~=button-turnleft]').click()
  expect((await viewOf(page)).rotate).toBe(270)
  await page.keyboard.press('Control+z')
  expect(await viewOf(page)).toEqual(before)
  // The exact picture is the one of the view that is shown.
  await waitUntilSettled(page)
  expect((await readResult(page)).receipt.view).toEqual(before)
})

test('a drag is one step, Escape gives it up, and a double click zooms in and out again', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="64" height="64"></true-crop>')
  await page.addStyleTag({ content: 'true-crop { width: 400px }' })
  await pickFile(page, fixture('coffee.jpg'))
  const box = await page.locator('true-crop [part=frame]').boundingBox()
  if (!box) throw new Error('no frame')
  const [x, y] = [box.x + box.width / 4, box.y + box.height / 4]
  const state = () =>
    page.evaluate(() => {
      const { canUndo, canRedo } = document.querySelector('true-crop') as TrueCrop
      return { canUndo, canRedo }
    })
  expect(await state()).toEqual({ canUndo: false, canRedo: false })
  await page.mouse.dblclick(x, y)
  const zoomed = await viewOf(page)
  expect(zoomed.zoom).toBeCloseTo(2, 2)
  // The point under the pointer stayed there.
  expect(zoomed.center.x).toBeLessThan(0.5)
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + 40, y + 30, { steps: 4 })
  const dragged = await viewOf(page)
  expect(dragged).not.toEqual(zoomed)
  await page.keyboard.press('Escape')
  expect(await viewOf(page), 'given up').toEqual(zoomed)
  await page.mouse.move(x + 60, y + 50, { steps: 2 })
  expect(await viewOf(page), 'and ended').toEqual(zoomed)
  await page.mouse.up()
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + 40, y + 30, { steps: 4 })
  await page.mouse.up()
  expect(await viewOf(page)).toEqual(dragged)
  await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).undo())
  expect(await viewOf(page), 'one step').toEqual(zoomed)
  await page.mouse.dblclick(x, y)
  expect((await viewOf(page)).zoom, 'zoomed out').toBe(1)
  expect(await state()).toEqual({ canUndo: true, canRedo: false })
  await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).reset())
  expect((await viewOf(page)).center).toEqual({ x: 0.5, y: 0.5 })
  await moveAndSettle(page, () => pickFile(page, fixture('cat-alpha.png')))
  expect(await state(), 'another photo').toEqual({ canUndo: false, canRedo: false })
})

test('the exact picture follows a move without any wait', async ({ page, server }) => {
  await page.clock.install()
  await openHtml(page, server, '<true-crop width="64" height="64"></true-crop>')
  await pickFile(page, fixture('coffee.jpg'))
  // From here on no timer of the page runs.
  await page.clock.pauseAt(Date.now() + 3_600_000)
  const zoom = await page.evaluate(() => {
    const element = document.querySelector('true-crop') as TrueCrop
    const changed = new Promise<number>((resolve) =>
      element.addEventListener('change', ({ detail }) => resolve(detail.view.zoom)),
    )
    for (const zoom of [3, 2, 4]) element.view = { zoom, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }
    return changed
  })
  // Three moves in one go are one picture, of the last of them.
  expect(zoom).toBeCloseTo(4, 2)
})

test('a photo that is opened can be given up by Escape, and the one from before stays', async ({ page, server }) => {
  await openPage(page, server, '/demo/plain.html')
  await pickFile(page, fixture('coffee.jpg'))
  const before = await readResult(page)
  // An address that never answers.
  await page.route('**/slow.jpg', () => undefined)
  const opening = page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).open('slow.jpg'))
  const stage = page.locator('true-crop [part=stage]')
  await expect(stage).toHaveAttribute('aria-busy', 'true')
  const valid = () => page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).validity.valid)
  expect(await valid(), 'while it is opened').toBe(false)
  await stage.press('Escape')
  await opening
  expect(await valid()).toBe(true)
  expect((await readResult(page)).bytes.equals(before.bytes)).toBe(true)
})

test('all targets are at least 44 pixels, and words are shown where there is room', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop controls="full" width="64" height="64"></true-crop>')
  await page.setViewportSize({ width: 360, height: 900 })
  await pickFile(page, fixture('coffee.jpg'))
  for (const width of [360, 1000]) {
    await page.setViewportSize({ width, height: 1200 })
    const { small, overflow } = await page.evaluate(() => {
      const targets = [...(document.querySelector('true-crop')?.shadowRoot?.querySelectorAll('.bar button, .bar input') ?? [])]
      const boxes = targets.map((each) => each.getBoundingClientRect())
      return {
        small: boxes.filter(({ width, height }) => width < 44 || height < 44).length,
        overflow: document.documentElement.scrollWidth > innerWidth,
      }
    })
    expect({ width, small, overflow }).toEqual({ width, small: 0, overflow: false })
    await expect(page.locator('true-crop').getByText('Start over', { exact: true })).toBeVisible({ visible: width > 800 })
  }
})
