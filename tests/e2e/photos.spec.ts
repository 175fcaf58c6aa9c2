// Several photos in one element: chosen, dropped, moved one by one, removed; all of them are in the form.
import type { Page } from '@playwright/test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { type Server, expect, fixture, moveAndSettle, openHtml, test, waitUntilSettled } from './harness.js'

const files = ['coffee.jpg', 'cat.png', 'cat.webp'].map(fixture)
const input = (page: Page) => page.locator('true-crop input[type=file]')
const photo = (page: Page, name: string) => page.getByRole('radio', { name })

async function open(page: Page, server: Server, pick = files): Promise<void> {
  const form = '<form action="/v1/images" method="post" enctype="multipart/form-data">'
  await openHtml(
    page,
    server,
    `${form}<true-crop name="photo" width="80" height="60" multiple></true-crop><button>Upload</button></form>`,
  )
  await page.addStyleTag({ content: 'true-crop { width: 400px }' })
  await input(page).setInputFiles(pick)
  await waitUntilSettled(page)
}

interface Receipt {
  source: { format: string; width: number }
  view: { zoom: number }
}

const receipts = (page: Page): Promise<Record<string, Receipt>> =>
  page.evaluate(() => {
    const { results } = document.querySelector('true-crop') as TrueCrop
    return Object.fromEntries([...results].map(([name, { receipt }]) => [name, JSON.parse(receipt) as Receipt]))
  })

const formats = async (page: Page) =>
  Object.entries(await receipts(page)).map(([name, { source, view }]) => [name, source.format, Math.round(view.zoom * 10) / 10])

test('each photo gets a picture, also those that nobody has looked at, and one form has all of them', async ({
  page,
  server,
}) => {
  await open(page, server)
  expect(await formats(page)).toEqual([
    ['photo-1', 'jpeg', 1],
    ['photo-2', 'png', 1],
    ['photo-3', 'webp', 1],
  ])
  await expect(photo(page, 'coffee.jpg')).toBeChecked()
  await expect(page.locator('true-crop [part=photos] img')).toHaveCount(3)
  const [response] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/v1/images')),
    page.getByRole('button', { name: 'Upload' }).click(),
  ])
  expect(response.status()).toBe(201)
  const { images } = (await response.json()) as { images: Record<string, unknown> }
  expect(Object.keys(images).sort()).toEqual(['photo-1', 'photo-2', 'photo-3'])
})

test('each photo is moved by itself, and keeps its place', async ({ page, server }) => {
  await open(page, server)
  const stage = page.locator('true-crop [part=stage]')
  await moveAndSettle(page, () => stage.press('Shift++'))
  await photo(page, 'cat.png').click()
  await expect(photo(page, 'cat.png')).toBeChecked()
  await waitUntilSettled(page)
  await moveAndSettle(page, () => stage.press('+'))
  const moved = await receipts(page)
  expect(await formats(page)).toEqual([
    ['photo-1', 'jpeg', 1.5],
    ['photo-2', 'png', 1.1],
    ['photo-3', 'webp', 1],
  ])
  await photo(page, 'coffee.jpg').click()
  await expect(photo(page, 'coffee.jpg')).toBeChecked()
  await waitUntilSettled(page)
  expect(await receipts(page)).toEqual(moved)
  expect(await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).file?.name)).toBe('coffee.jpg')
})

test('photos are added and removed, and the numbers follow', async ({ page, server }) => {
  await open(page, server, files.slice(0, 1))
  expect(await formats(page)).toEqual([['photo-1', 'jpeg', 1]])
  // Others are added beside it: nothing takes its place.
  await expect(page.locator('true-crop [part~=button-replace]')).toBeHidden()
  await moveAndSettle(page, () => input(page).setInputFiles(files.slice(1)))
  await expect(page.locator('true-crop [part=photos] img')).toHaveCount(3)
  const remove = page.getByRole('button', { name: 'Remove the photo' })
  await photo(page, 'cat.png').click()
  await expect(photo(page, 'cat.png')).toBeChecked()
  await waitUntilSettled(page)
  await remove.click()
  await expect(photo(page, 'cat.webp')).toBeChecked()
  await waitUntilSettled(page)
  expect(await formats(page)).toEqual([
    ['photo-1', 'jpeg', 1],
    ['photo-2', 'webp', 1],
  ])
  await remove.click()
  await expect(photo(page, 'coffee.jpg')).toBeChecked()
  await waitUntilSettled(page)
  await remove.click()
  expect(await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).state)).toBe('empty')
  expect(await receipts(page)).toEqual({})
  // And from the start again.
  await input(page).setInputFiles(files.slice(1, 2))
  await waitUntilSettled(page)
  expect(await formats(page)).toEqual([['photo-1', 'png', 1]])
  await expect(page.getByRole('radio')).toHaveCount(1)
})

test('a file that is no photo is said and left out, first or last', async ({ page, server }) => {
  const bad = join(server.scratch, 'note.jpg')
  writeFileSync(bad, 'no photo')
  for (const pick of [
    [bad, ...files.slice(0, 2)],
    [...files.slice(0, 2), bad],
  ]) {
    await openHtml(page, server, '<true-crop name="photo" width="80" height="60" multiple></true-crop>')
    await page.evaluate(() => {
      const codes: string[] = []
      Object.assign(globalThis, { codes })
      document.querySelector('true-crop')?.addEventListener('truecrop-error', ({ detail }) => void codes.push(detail.code))
    })
    await input(page).setInputFiles(pick)
    await expect(page.locator('true-crop [part=photos] img')).toHaveCount(2)
    await waitUntilSettled(page)
    expect((await formats(page)).map(([, format]) => format)).toEqual(['jpeg', 'png'])
    expect(await page.evaluate(() => (globalThis as unknown as { codes: string[] }).codes)).toEqual(['unsupported-format'])
    await expect(page.getByRole('radio')).toHaveCount(2)
  }
})

test('a photo for which the engine cannot be loaded stays, and is made later', async ({ page, server, consoleErrors }) => {
  await page.context().route(/truecrop_bg\.wasm$|inline\/data/, (route) => route.abort())
  await openHtml(page, server, '<true-crop name="photo" width="80" height="60" multiple fallback="none"></true-crop>')
  await input(page).setInputFiles(files.slice(0, 2))
  const state = () => page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).state)
  await expect.poll(state).toBe('failed')
  await expect(page.getByRole('radio')).toHaveCount(2)
  await page.context().unrouteAll()
  await page.locator('true-crop [part=stage]').press('Shift++')
  await waitUntilSettled(page)
  expect((await formats(page)).map(([, format]) => format)).toEqual(['jpeg', 'png'])
  // The browser itself has said that the requests failed.
  consoleErrors.length = 0
})

test('several photos that are dropped are all taken; without multiple it is the first', async ({ page, server }) => {
  await open(page, server, files.slice(0, 1))
  const drop = () =>
    page.evaluate(async () => {
      const dataTransfer = new DataTransfer()
      const blob = await (await fetch('sample.jpg')).blob()
      for (const name of ['a.jpg', 'b.jpg']) dataTransfer.items.add(new File([blob], name, { type: blob.type }))
      document.querySelector('true-crop')?.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
    })
  await drop()
  await expect(page.locator('true-crop [part=photos] img')).toHaveCount(3)
  await waitUntilSettled(page)
  expect(Object.keys(await receipts(page))).toEqual(['photo-1', 'photo-2', 'photo-3'])
  await page.evaluate(() => Object.assign(document.querySelector('true-crop') as TrueCrop, { file: null, multiple: false }))
  await drop()
  await waitUntilSettled(page)
  expect(Object.keys(await receipts(page))).toEqual(['photo'])
  await expect(page.locator('true-crop [part=photos]')).toBeHidden()
})

test('options that change later change every picture', async ({ page, server }) => {
  await open(page, server)
  await moveAndSettle(page, () => page.locator('true-crop').evaluate((element) => element.setAttribute('format', 'webp')))
  const sizes = await page.evaluate(() => {
    const { results } = document.querySelector('true-crop') as TrueCrop
    return [...results.values()].map(({ outputs }) => outputs[0]?.type)
  })
  expect(sizes).toEqual(['image/webp', 'image/webp', 'image/webp'])
})

test('a photo with too few pixels keeps the form from being sent, also where nobody looks at it', async ({ page, server }) => {
  await open(page, server)
  // the first photo has enough pixels, the second one has not
  await page.locator('true-crop').evaluate((element) => element.setAttribute('min-width', '500'))
  const valid = () => page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).validity.rangeUnderflow)
  await expect.poll(valid).toBe(true)
  await expect(photo(page, 'coffee.jpg')).toBeChecked()
})

test('what is given up opens no other photo, and a removed photo is told', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="80" height="60" multiple></true-crop>')
  await page.evaluate(() => {
    const element = document.querySelector('true-crop') as TrueCrop
    const events: string[] = []
    Object.assign(window, { events })
    for (const name of ['ready', 'empty'] as const) element.addEventListener(name, () => events.push(name))
  })
  await input(page).setInputFiles(files)
  await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).clear())
  await page.waitForTimeout(1500)
  expect(await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).state)).toBe('empty')
  await input(page).setInputFiles(files[0] as string)
  await waitUntilSettled(page)
  await page.getByRole('button', { name: 'Remove the photo' }).click()
  expect((await page.evaluate(() => (window as unknown as { events: string[] }).events)).slice(-2)).toEqual(['ready', 'empty'])
})

const setView = (page: Page, zoom: number) =>
  moveAndSettle(page, () =>
    page.evaluate((zoom) => {
      const element = document.querySelector('true-crop') as TrueCrop
      element.view = { zoom, center: { x: 0.4, y: 0.6 }, rotate: 0, flip: 'none' }
    }, zoom),
  )

/** Moves the first photo and the last one; the one in the middle is never looked at. */
async function moveSome(page: Page): Promise<Record<string, Receipt>> {
  await setView(page, 1.5)
  await photo(page, 'cat.webp').click()
  await expect(photo(page, 'cat.webp')).toBeChecked()
  await waitUntilSettled(page)
  await setView(page, 2.5)
  return receipts(page)
}

test('back and forward keep where every photo was, and say which are to be chosen again', async ({ page, server }) => {
  await open(page, server)
  const before = await moveSome(page)
  await page.goto(`${server.url}/healthz`)
  await page.goBack()
  await page.waitForFunction(() => customElements.get('true-crop') !== undefined)
  const note = page.locator('true-crop [part=note]')
  await expect(note).toHaveText(/Please choose “coffee\.jpg, cat\.png, and cat\.webp” again/)
  await input(page).setInputFiles(files)
  await waitUntilSettled(page)
  await expect(photo(page, 'cat.webp')).toBeVisible()
  expect(await receipts(page)).toEqual(before)
})

test('an element with several photos that is taken out and put back has all of them, where they were', async ({
  page,
  server,
}) => {
  await open(page, server)
  const before = await moveSome(page)
  await page.evaluate(async () => {
    const element = document.querySelector('true-crop') as TrueCrop
    const { parentElement } = element
    element.remove()
    await new Promise((resolve) => setTimeout(resolve, 50))
    parentElement?.prepend(element)
  })
  await expect(page.locator('true-crop [part=photos] img')).toHaveCount(3)
  await waitUntilSettled(page)
  expect(await receipts(page)).toEqual(before)
  // The one that was moved is the one that is moved.
  await expect(photo(page, 'cat.webp')).toBeChecked()
})
