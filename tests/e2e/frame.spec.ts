// The frame's shape: chosen from a list, or made by its eight handles with mouse, touch and keyboard.
import type { Page } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { expect, fixture, moveAndSettle, openHtml, pickFile, readResult, runCli, test, waitUntilSettled } from './harness.js'
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'

// coffee.jpg has 600 x 400 pixels.
interface Now {
  frame: string
  size: [number, number]
  crop: { x: number; y: number; width: number; height: number }
  canUndo: boolean
}

const read = (page: Page): Promise<Now> =>
  page.evaluate(() => {
    const { frame, recipe, canUndo } = document.querySelector('true-crop') as TrueCrop
    const [output] = recipe?.outputs ?? []
    return { frame, size: [output?.width ?? 0, output?.height ?? 0], crop: recipe?.crop as Now['crop'], canUndo }
  })

const set = (page: Page, values: object) =>
  page.evaluate((values) => void Object.assign(document.querySelector('true-crop') as TrueCrop, values), values)

const handle = (page: Page, x: number, y: number) => page.locator(`true-crop [part=handle][data-x="${x}"][data-y="${y}"]`)

async function open(
  page: Page,
  server: Parameters<typeof openHtml>[1],
  attributes: string,
  html = '',
  width = 460,
): Promise<void> {
  await openHtml(page, server, `<true-crop ${attributes}></true-crop>`, html)
  await page.addStyleTag({ content: `true-crop { width: ${width}px }` })
  await pickFile(page, fixture('coffee.jpg'))
}

/** The middle of a handle's mark: where the frame's sides are. */
async function sideOf(page: Page, x: number, y: number): Promise<[number, number]> {
  const box = await page.locator('true-crop [part=frame]').boundingBox()
  if (!box) throw new Error('no frame')
  return [box.x + (box.width * (x + 1)) / 2, box.y + (box.height * (y + 1)) / 2]
}

async function dragHandle(page: Page, x: number, y: number, dx: number, dy: number): Promise<void> {
  const [left, top] = await sideOf(page, x, y)
  await page.mouse.move(left, top)
  await page.mouse.down()
  await page.mouse.move(left + dx, top + dy, { steps: 5 })
  await page.mouse.up()
}

test('shapes are chosen by radio buttons; each gives the largest size of exactly its ratio in the box', async ({
  page,
  server,
}) => {
  await open(page, server, 'aspects="1:1 4:3 16:9" width="300" height="200"')
  const radio = (name: string) => page.getByRole('radio', { name, exact: true })
  await expect(page.getByRole('group', { name: 'Shape' })).toBeVisible()
  await expect(radio('1:1')).toBeChecked()
  expect(await read(page)).toMatchObject({ frame: '1:1', size: [200, 200], canUndo: false })
  await moveAndSettle(page, () => radio('4:3').click())
  expect(await read(page)).toMatchObject({ frame: '4:3', size: [264, 198], canUndo: true })
  await radio('4:3').press('ArrowRight')
  expect(await read(page)).toMatchObject({ frame: '16:9', size: [288, 162] })
  // What is shown is what is made.
  await waitUntilSettled(page)
  const made = JSON.parse((await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).result?.receipt)) ?? '')
  expect([made.outputs[0].width, made.outputs[0].height]).toEqual([288, 162])
  // A shape is a step like any other.
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Control+z')
  await expect(radio('1:1')).toBeChecked()
  // There are no handles to load.
  await expect(page.locator('true-crop [part=handles]')).toHaveCount(0)
  const refused = await page.evaluate(() => {
    try {
      ;(document.querySelector('true-crop') as TrueCrop).frame = '3:1'
    } catch (error) {
      return String(error)
    }
    return 'nothing'
  })
  expect(refused).toBe('RangeError: frame must be one of the attribute aspects; got "3:1".')
})

test('a free frame begins as the whole photo, in its own size, and no larger than the box', async ({ page, server }) => {
  await open(page, server, 'aspects="free" width="2000" height="2000"')
  expect(await read(page)).toMatchObject({ frame: '600:400', size: [600, 400], crop: { x: 0, y: 0, width: 600, height: 400 } })
  await set(page, { width: 300, height: 300 })
  expect(await read(page)).toMatchObject({ frame: '300:200', crop: { x: 0, y: 0, width: 600, height: 400 } })
  // One shape is no choice.
  await expect(page.getByRole('radio')).toHaveCount(0)
})

const drags: [handle: string, x: number, y: number, dx: number, dy: number, moved: (keyof Now['crop'])[]][] = [
  ['top left', -1, -1, 60, 40, ['x', 'y', 'width', 'height']],
  ['top', 0, -1, 30, 40, ['y', 'height']],
  ['top right', 1, -1, -60, 40, ['y', 'width', 'height']],
  ['right', 1, 0, -60, 30, ['width']],
  ['bottom right', 1, 1, -60, -40, ['width', 'height']],
  ['bottom', 0, 1, 30, -40, ['height']],
  ['bottom left', -1, 1, 60, -40, ['x', 'width', 'height']],
  ['left', -1, 0, 60, 30, ['x', 'width']],
]

test('each handle moves its own sides, and the others stay', async ({ page, server }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await open(page, server, 'aspects="free" width="2000" height="2000"')
  const scale = 600 / ((await page.locator('true-crop [part=frame]').boundingBox())?.width ?? 1)
  for (const [name, x, y, dx, dy, moved] of drags) {
    const before = await read(page)
    await dragHandle(page, x, y, dx, dy)
    const { crop, size, frame } = await read(page)
    for (const member of ['x', 'y', 'width', 'height'] as const) {
      const sign = member === 'x' || member === 'y' ? 1 : -1
      const by = (member === 'x' || member === 'width' ? Math.abs(dx) : Math.abs(dy)) * scale * sign
      const wanted = before.crop[member] + (moved.includes(member) ? by : 0)
      // The output has whole pixels: the other side may lack one of its pixels.
      expect(Math.abs(crop[member] - wanted), `${name}: ${member} ${crop[member]}, not ${wanted}`).toBeLessThan(1)
    }
    // Never enlarged, never outside of the photo.
    expect(size[0], name).toBeLessThanOrEqual(crop.width + 0.01)
    expect(size[1], name).toBeLessThanOrEqual(crop.height + 0.01)
    expect(frame).toBe(size.join(':'))
    // A drag is one step.
    await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).undo())
    expect((await read(page)).crop, `${name}, undone`).toEqual(before.crop)
  }
})

test('the frame goes back to the middle, ends at the photo, keeps a smallest size, and Escape gives it up', async ({
  page,
  server,
}) => {
  await open(page, server, 'aspects="free" width="2000" height="2000" min-width="100" min-height="80"')
  const frame = page.locator('true-crop [part=frame]')
  const stage = await page.locator('true-crop [part=stage]').boundingBox()
  const middle = (stage?.x ?? 0) + (stage?.width ?? 0) / 2
  await dragHandle(page, 1, 0, -150, 0)
  await expect(async () => {
    const box = await frame.boundingBox()
    expect(Math.abs((box?.x ?? 0) + (box?.width ?? 0) / 2 - middle)).toBeLessThan(1.5)
  }).toPass()
  await dragHandle(page, 1, 0, 400, 0)
  await dragHandle(page, 0, -1, 0, -90)
  const outer = (await read(page)).crop
  expect(outer.x + outer.width).toBeLessThanOrEqual(600)
  expect(outer.y).toBeGreaterThanOrEqual(0)
  for (let i = 0; i < 6; i += 1) {
    await dragHandle(page, -1, -1, 400, 400)
    await page.waitForTimeout(300)
  }
  const inner = (await read(page)).crop
  expect(inner.width).toBeGreaterThan(99)
  expect(inner.width).toBeLessThan(103)
  expect(inner.height).toBeGreaterThan(79)
  expect(inner.height).toBeLessThan(83)
  const [x, y] = await sideOf(page, -1, -1)
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x - 40, y - 40, { steps: 3 })
  await expect(page.locator('true-crop [part=size]')).toBeVisible()
  expect((await read(page)).crop).not.toEqual(inner)
  await page.keyboard.press('Escape')
  expect((await read(page)).crop).toEqual(inner)
  await page.mouse.move(x - 60, y - 60)
  await page.mouse.up()
  expect((await read(page)).crop).toEqual(inner)
})

test('turned, in scripts from right to left, all corners stay on the photo, and the server takes the picture', async ({
  page,
  server,
}) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await open(page, server, 'aspects="free" width="2000" height="2000" rotate="24"', 'dir="rtl"')
  for (const [x, y] of [
    [1, 1],
    [-1, -1],
    [1, -1],
    [-1, 1],
    [-1, 0],
    [0, 1],
  ] as const) {
    await dragHandle(page, x, y, -x * 50, -y * 40)
    await dragHandle(page, x, y, x * 500, y * 500)
    const { crop } = await read(page)
    const [cx, cy] = [crop.x + crop.width / 2, crop.y + crop.height / 2]
    const [cos, sin] = [Math.cos((24 * Math.PI) / 180), Math.sin((24 * Math.PI) / 180)]
    for (const [u, v] of [
      [-crop.width / 2, -crop.height / 2],
      [crop.width / 2, -crop.height / 2],
      [-crop.width / 2, crop.height / 2],
      [crop.width / 2, crop.height / 2],
    ] as const) {
      const [sx, sy] = [cx + cos * u + sin * v, cy + cos * v - sin * u]
      expect(Math.min(sx, sy, 600 - sx, 400 - sy), `${x}, ${y}: ${sx}, ${sy}`).toBeGreaterThan(-0.01)
    }
  }
  await waitUntilSettled(page)
  const { bytes } = await readResult(page)
  const receipt = (await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).result?.receipt)) ?? ''
  const files = { picture: join(server.scratch, 'free.jpg'), receipt: join(server.scratch, 'free.json') }
  writeFileSync(files.picture, bytes)
  writeFileSync(files.receipt, receipt)
  const source = fixture('coffee.jpg')
  expect(runCli('verify', '--receipt', files.receipt, '--output', `main=${files.picture}`, '--source', source)).toContain(
    'source',
  )
})

test('handles are buttons of 44 pixels, which the arrow keys move', async ({ page, server }) => {
  await open(page, server, 'aspects="free" width="2000" height="2000"')
  await expect(page.locator('true-crop [part=handle]')).toHaveCount(8)
  for (const button of await page.locator('true-crop [part=handle]').all()) {
    const box = await button.boundingBox()
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44)
  }
  const right = page.getByRole('button', { name: 'Right edge' })
  await expect(right).toHaveAccessibleDescription('Arrow keys move it; with Shift further.')
  await right.focus()
  await page.keyboard.press('Shift+ArrowLeft')
  const narrow = await read(page)
  expect(narrow.crop.width).toBeCloseTo(540, 0)
  // A way that it does not move: not the photo's either.
  await page.keyboard.press('ArrowUp')
  expect((await read(page)).crop).toEqual(narrow.crop)
  await page.getByRole('button', { name: 'Top left corner' }).press('Shift+ArrowDown')
  expect((await read(page)).crop.y).toBeCloseTo(40, 0)
  await expect(page.locator('true-crop [part=size]')).toHaveText(/^5\d\d × 360 pixels$/)
  await expect(page.locator('true-crop [role=status].quiet')).toContainText('× 360 pixels')
  // Handles of a low frame do not lie over each other.
  await set(page, { frame: '600:40' })
  await page.waitForTimeout(400)
  const corner = async (y: number) => await handle(page, -1, y).boundingBox()
  const [upper, lower] = [await corner(-1), await corner(1)]
  expect((upper?.y ?? 0) + (upper?.height ?? 0)).toBeLessThanOrEqual((lower?.y ?? 0) + 0.5)
})

test('a finger drags a handle, and the page does not scroll', async ({ browser, server }) => {
  const context = await browser.newContext({ hasTouch: true, viewport: { width: 360, height: 500 } })
  const page = await context.newPage()
  await open(page, server, 'aspects="free 1:1" width="2000" height="2000"', '', 328)
  await page.addStyleTag({ content: 'body { block-size: 2000px }' })
  const [x, y] = await sideOf(page, -1, -1)
  const client = await context.newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', dx = 0, dy = 0) =>
    client.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: type === 'touchEnd' ? [] : [{ x: x + dx, y: y + dy }],
    })
  const before = (await read(page)).crop
  // Beside the mark, but within the target.
  await touch('touchStart', -12, -12)
  for (let i = 1; i <= 8; i += 1) await touch('touchMove', i * 8 - 12, i * 6 - 12)
  await touch('touchEnd')
  const { crop } = await read(page)
  expect(crop.x).toBeGreaterThan(before.x + 50)
  expect(crop.y).toBeGreaterThan(before.y + 30)
  expect(crop.x + crop.width).toBeCloseTo(600, 0)
  expect(await page.evaluate(() => scrollY)).toBe(0)
  await context.close()
})

test('a quarter turn turns the frame too, where the shape is free or offered', async ({ page, server }) => {
  await open(page, server, 'aspects="4:3 3:4 16:9 free" width="400" height="400"')
  await set(page, { view: { zoom: 2, center: { x: 0.4, y: 0.55 }, rotate: 0, flip: 'none' } })
  const start = await read(page)
  const turn = page.locator('true-crop [part~=button-turnright]')
  await turn.click()
  const turned = await read(page)
  expect(turned).toMatchObject({ frame: '3:4', size: [300, 400] })
  // The same part of the photo: its middle, and its sides, which have changed their names.
  expect(turned.crop.width).toBeCloseTo(start.crop.height, 1)
  expect(turned.crop.x + turned.crop.width / 2).toBeCloseTo(start.crop.x + start.crop.width / 2, 1)
  for (let i = 0; i < 3; i += 1) await turn.click()
  expect(await read(page)).toMatchObject({ frame: '4:3', size: [400, 300] })
  expect((await read(page)).crop.width).toBeCloseTo(start.crop.width, 1)
  // 9:16 is not offered: the frame stays.
  await set(page, { frame: '16:9' })
  await turn.click()
  expect((await read(page)).frame).toBe('16:9')
  await set(page, { frame: '200:100' })
  await turn.click()
  expect((await read(page)).frame).toBe('150:300')
})

test('a saved view and frame restore the same picture, in an element of any size', async ({ page, server }) => {
  await open(page, server, 'aspects="1:1 free" width="400" height="300" format="png"')
  await set(page, { frame: 'free' })
  await dragHandle(page, 1, 1, -77, -33)
  await moveAndSettle(page, () => page.locator('true-crop [part=stage]').press('+'))
  const saved = await page.evaluate(() => {
    const { view, frame } = document.querySelector('true-crop') as TrueCrop
    return { view, frame }
  })
  const first = await readResult(page)
  await page.addStyleTag({ content: 'true-crop { width: 300px !important }' })
  await page.evaluate(() => ((document.querySelector('true-crop') as TrueCrop).file = null))
  await set(page, saved)
  expect((await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).frame)) || '').toBe(saved.frame)
  await pickFile(page, fixture('coffee.jpg'))
  const second = await readResult(page)
  expect(second.receipt.crop).toEqual(first.receipt.crop)
  expect(second.bytes.equals(first.bytes)).toBe(true)
})
