// While a file is being opened: its name, a way to give up, and the photo at once.
import type { Page } from '@playwright/test'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { withExif } from '../exif.js'
import { eightK, expect, fixture, openHtml, pickFile, readResult, runCli, test, waitUntilSettled } from './harness.js'
import { readPng } from './png.js'

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
  const early = await first(page).locator('img').boundingBox()
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/loading.png` })
  release()
  await waitUntilSettled(page)
  await expect(first(page)).toBeHidden()
  await expect(loading(page)).toBeHidden()
  expectSame(early, await photoBox(page))
})

/** Where the whole photo lies: the frame shows the crop of it. */
async function photoBox(page: Page): Promise<Box> {
  const frame = await page.locator('true-crop [part=frame]').boundingBox()
  const { crop } = (await readResult(page)).receipt
  const facts = await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).facts)
  if (!frame || !facts) throw new Error('no photo is open')
  const scale = frame.width / crop.width
  return {
    x: frame.x - crop.x * scale,
    y: frame.y - crop.y * scale,
    width: facts.width * scale,
    height: facts.height * scale,
  }
}

type Box = { x: number; y: number; width: number; height: number }

function expectSame(got: Box | null, want: Box): void {
  for (const side of ['x', 'y', 'width', 'height'] as const) expect(got?.[side], side).toBeCloseTo(want[side], 0)
}

/** The photo with a small picture in its EXIF data: of the same photo, or of its left half. */
function withSmall(folder: string, orientation: number, isHalf = false): string {
  const [small, file] = [join(folder, 'small.jpg'), join(folder, `small-${orientation}-${isHalf}.jpg`)]
  const crop = isHalf ? ['--crop', '0,0,300,400', '--size', '90x120'] : ['--crop', '0,0,600,400', '--size', '150x100']
  runCli('crop', fixture('coffee.jpg'), ...crop, '--format', 'jpeg', '-o', small)
  writeFileSync(file, withExif(readFileSync(fixture('coffee.jpg')), { orientation, thumbnail: readFileSync(small) }))
  return file
}

for (const orientation of [1, 3, 6, 7]) {
  test(`orientation ${orientation}: a small picture in the file is seen first, and nothing jumps`, async ({ page, server }) => {
    await openHtml(
      page,
      server,
      '<true-crop width="300" height="200" rotate="7" flip="horizontal" style="inline-size: 300px"></true-crop>',
    )
    await page.addStyleTag({ content: 'true-crop::part(loading), true-crop::part(busy) { display: none }' })
    const release = await holdEngine(page)
    await page.locator('true-crop input[type=file]').setInputFiles(withSmall(server.scratch, orientation))
    await expect(first(page).locator('canvas')).toBeVisible()
    const stage = page.locator('true-crop [part=stage]')
    // Where the engine needs long the browser draws the photo too: the small one stays under it.
    const before = await stage.screenshot()
    await expect(first(page).locator('img')).toBeVisible()
    const meanwhile = await stage.screenshot()
    release()
    await waitUntilSettled(page)
    await expect(first(page)).toBeHidden()
    await expect(page.locator('true-crop [part=exact]')).toBeVisible()
    const after = await stage.screenshot()
    // The same places, turned and mirrored in the same way; a photo that lies in another way differs by 39 and more.
    expect(difference(before, after)).toBeLessThan(8)
    expect(difference(meanwhile, after)).toBeLessThan(6)
  })
}

for (const [bars, background, tag] of [
  ['dark', '#000000', 'canvas'],
  ['white', '#ffffff', 'img'],
] as const) {
  test(`a camera’s small picture with ${bars} bars beside the photo shows it: ${tag === 'canvas'}`, async ({ page, server }) => {
    const [small, file] = [join(server.scratch, `${bars}.jpg`), join(server.scratch, `with-${bars}.jpg`)]
    // 600 x 400 in 160 x 120, as cameras write it.
    const crop = ['--crop', '0,-25,600,450', '--background', background, '--size', '160x120']
    runCli('crop', fixture('coffee.jpg'), ...crop, '--format', 'jpeg', '-o', small)
    writeFileSync(file, withExif(readFileSync(fixture('coffee.jpg')), { orientation: 8, thumbnail: readFileSync(small) }))
    await openHtml(page, server, '<true-crop width="200" height="300" style="inline-size: 300px"></true-crop>')
    await page.addStyleTag({ content: 'true-crop::part(loading), true-crop::part(busy) { display: none }' })
    const release = await holdEngine(page)
    await page.locator('true-crop input[type=file]').setInputFiles(file)
    await expect(first(page).locator(tag)).toBeVisible()
    const stage = page.locator('true-crop [part=stage]')
    const before = await stage.screenshot()
    expect(await first(page).locator('canvas').count()).toBe(tag === 'canvas' ? 1 : 0)
    release()
    await waitUntilSettled(page)
    await expect(page.locator('true-crop [part=exact]')).toBeVisible()
    expect(difference(before, await stage.screenshot())).toBeLessThan(8)
  })
}

/** The mean difference of two screenshots, 0 to 255. */
function difference(a: Buffer, b: Buffer): number {
  const [one, other] = [readPng(a), readPng(b)]
  expect([one.width, one.height]).toEqual([other.width, other.height])
  return one.data.reduce((sum, value, i) => sum + Math.abs(value - (other.data[i] ?? 0)), 0) / one.data.length
}

test('a small picture that shows something else is not seen, and none is in a result', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="300" height="200"></true-crop>')
  const release = await holdEngine(page)
  await page.locator('true-crop input[type=file]').setInputFiles(withSmall(server.scratch, 1, true))
  await expect(first(page).locator('img')).toBeVisible()
  await expect(first(page).locator('canvas')).toHaveCount(0)
  release()
  await waitUntilSettled(page)
  const { bytes } = await readResult(page)
  await pickFile(page, withSmall(server.scratch, 1))
  const other = await readResult(page)
  await pickFile(page, fixture('coffee.jpg'))
  const plain = await readResult(page)
  expect([bytes, other.bytes].map((made) => made.equals(plain.bytes))).toEqual([true, true])
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
  // Without waiting until the card has faded in: the photo may be open by then.
  await page.getByRole('button', { name: 'Cancel' }).dispatchEvent('click')
  expect(await state(page)).toBe('ready')
  expect((await readResult(page)).receipt).toEqual(before.receipt)
  await expect(loading(page)).toBeHidden()
})

test('the same file, given up and chosen again at once, is drawn once', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="300" height="200"></true-crop>')
  const release = await holdEngine(page)
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('coffee.jpg'))
  await expect(first(page).locator('img')).toHaveCount(1)
  const left = await page.evaluate(async () => {
    const element = document.querySelector('true-crop') as TrueCrop
    const { file } = element
    const urls = new Set<string>()
    const { createObjectURL, revokeObjectURL } = URL
    URL.createObjectURL = (blob) => {
      const url = createObjectURL.call(URL, blob)
      urls.add(url)
      return url
    }
    URL.revokeObjectURL = (url) => {
      urls.delete(url)
      revokeObjectURL.call(URL, url)
    }
    for (let i = 0; i < 3; i += 1) {
      element.file = null
      element.file = file
    }
    await new Promise((resolve) => setTimeout(resolve, 1000))
    return urls.size
  })
  expect(left).toBe(1)
  await expect(first(page).locator('img')).toHaveCount(1)
  release()
  await waitUntilSettled(page)
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

test('what a photo will need is loaded while the file dialog is open, and nothing of it is seen', async ({ page, server }) => {
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname.split('/').pop() ?? ''))
  await openHtml(page, server, '<true-crop width="64" height="64" straighten></true-crop>')
  const parts = () =>
    ['loading', 'gestures', 'dial', 'controls'].filter((part) => loaded.some((name) => name.startsWith(`${part}-`)))
  expect(parts()).toEqual([])
  await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose a photo' }).click()])
  await expect.poll(parts).toEqual(['loading', 'gestures', 'dial', 'controls'])
  expect(await state(page)).toBe('empty')
  await expect(page.locator('true-crop [part=controls]')).toBeHidden()
  await expect(loading(page)).toBeHidden()
  // The engine starts too, with the module that most photos need, and once for all photos.
  const engine = () => loaded.filter((name) => /wasm|worker/.test(name))
  await expect.poll(engine).toEqual(['worker.js', 'truecrop_jpeg_bg.wasm'])
  await pickFile(page, fixture('coffee.jpg'))
  expect(engine()).toEqual(['worker.js', 'truecrop_jpeg_bg.wasm'])
})

test('a dialog that offers no JPEG starts no engine for one', async ({ page, server }) => {
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(request.url()))
  await openHtml(page, server, '<true-crop width="64" height="64" accept="image/png"></true-crop>')
  await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose a photo' }).click()])
  await expect.poll(() => loaded.some((url) => url.includes('/gestures-'))).toBe(true)
  expect(loaded.filter((url) => /wasm|worker/.test(url))).toEqual([])
})

test('of a progressive photo the first scan is seen, before the engine is there, and then the whole', async ({
  page,
  server,
}) => {
  await openHtml(page, server, '<true-crop width="64" height="64"></true-crop>')
  await page.addStyleTag({ content: 'true-crop { width: 300px }' })
  // What the images are of: a file of the first scan alone is shorter.
  await page.evaluate(() => {
    const { createObjectURL } = URL
    Object.assign(globalThis, { shown: [] as number[] })
    URL.createObjectURL = (blob) => {
      ;(globalThis as unknown as { shown: number[] }).shown.push((blob as Blob).size)
      return createObjectURL.call(URL, blob)
    }
  })
  const release = await holdEngine(page)
  const file = fixture('jpeg/wide-422-progressive.jpg')
  await page.locator('true-crop input[type=file]').setInputFiles(file)
  await expect(first(page).locator('img')).toHaveCount(2)
  const [coarse, whole] = await page.evaluate(() => (globalThis as unknown as { shown: [number, number] }).shown)
  expect(whole).toBe(statSync(file).size)
  expect(coarse).toBeLessThan(whole)
  const widths = await first(page)
    .locator('img')
    .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth))
  expect(new Set(widths).size).toBe(1)
  expect(widths[0]).toBeGreaterThan(0)
  release()
  await waitUntilSettled(page)
  await expect(first(page)).toBeHidden()
})
