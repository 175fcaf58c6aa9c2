// The round mask, the bounds in the photo's own pixels, and what warns before a picture is enlarged; removing a photo.
import type { Page } from '@playwright/test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { expect, fixture, moveAndSettle, openHtml, pickFile, readResult, test, waitUntilSettled } from './harness.js'
import { makePng, readPng } from './png.js'

const warning = (page: Page) => page.locator('true-crop [part=warning]')

/** The mean brightness, 0 to 255, of a square of the screen. */
async function brightness(page: Page, x: number, y: number): Promise<number> {
  const { data } = readPng(await page.screenshot({ clip: { x, y, width: 6, height: 6 } }))
  return data.reduce((sum, value) => sum + value, 0) / data.length
}

for (const when of ['while it is moved', 'when it is exact'] as const) {
  test(`a round shape veils the corners, and the picture is the whole square: ${when}`, async ({ page, server }) => {
    await openHtml(page, server, '<true-crop shape="round" width="64" height="64" format="png" controls="none"></true-crop>')
    await page.addStyleTag({ content: 'true-crop { width: 300px }' })
    const file = join(server.scratch, 'white.png')
    writeFileSync(
      file,
      makePng(200, 200, () => [255, 255, 255]),
    )
    await pickFile(page, file)
    const box = await page.locator('true-crop [part=frame]').boundingBox()
    if (!box) throw new Error('no frame')
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    const before = await readResult(page)
    if (when === 'while it is moved') {
      await page.mouse.move(x, y)
      await page.mouse.down()
      await page.mouse.move(x + 3, y + 3)
    }
    expect(await brightness(page, x + 30, y + 40), 'in the middle').toBeGreaterThan(250)
    expect(await brightness(page, box.x + 6, y - 3), 'at the side').toBeGreaterThan(250)
    expect(await brightness(page, box.x + 8, box.y + 8), 'in the corner').toBeLessThan(160)
    expect(readPng(before.bytes).data.every((value) => value === 255)).toBe(true)
  })
}

for (const [kind, attributes, type] of [
  ['PNG', '', 'image/png'],
  ['lossless WebP', 'format="webp"', 'image/webp'],
  ['lossy WebP', 'format="webp" quality="70"', 'image/webp'],
] as const) {
  test(`mask="ellipse" stores the ellipse alone, which the server verifies from the file and from the photo: ${kind}`, async ({
    page,
    server,
  }) => {
    await openHtml(page, server, `<true-crop mask="ellipse" width="96" height="64" controls="none" ${attributes}></true-crop>`)
    await page.addStyleTag({ content: 'true-crop { width: 300px }' })
    await pickFile(page, fixture('coffee.jpg'))
    const { receipt } = await readResult(page)
    expect(receipt.outputs[0]).toMatchObject({ mask: 'ellipse', width: 96, height: 64 })
    // What the browser's own decoder makes of the file: the test's page reads its canvas, the product does not.
    const seen = await page.evaluate(async () => {
      const file = (document.querySelector('true-crop') as TrueCrop).result?.outputs[0] as File
      const canvas = new OffscreenCanvas(96, 64)
      const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D
      context.drawImage(await createImageBitmap(file), 0, 0)
      const { data } = context.getImageData(0, 0, 96, 64)
      const alpha = (x: number, y: number): number => data[4 * (96 * y + x) + 3] as number
      return {
        type: file.type,
        corners: [alpha(0, 0), alpha(95, 0), alpha(0, 63), alpha(95, 63)],
        middle: alpha(48, 32),
        rim: alpha(48, 0),
      }
    })
    expect(seen).toMatchObject({ type, corners: [0, 0, 0, 0], middle: 255 })
    expect(seen.rim).toBeGreaterThan(200)
    for (const withSource of [false, true]) {
      const status = await page.evaluate(async (withSource) => {
        const element = document.querySelector('true-crop') as TrueCrop
        const form = element.result?.toFormData() as FormData
        if (withSource) form.append('main.source', element.file as File)
        return (await fetch('/v1/images', { method: 'POST', body: form })).status
      }, withSource)
      expect(status, `with the photo: ${withSource}`).toBe(201)
    }
    // It is veiled as a round shape is.
    const box = await page.locator('true-crop [part=frame]').boundingBox()
    if (!box) throw new Error('no frame')
    expect(await brightness(page, box.x + 2, box.y + 2), 'in the corner').toBeLessThan(100)
  })
}

test('a JPEG has no mask: it stays a rectangle, and the console says so', async ({ page, server, consoleErrors }) => {
  const warnings: string[] = []
  page.on('console', (message) => warnings.push(message.text()))
  await openHtml(page, server, '<true-crop mask="ellipse" format="jpeg" width="64" height="64"></true-crop>')
  await pickFile(page, fixture('coffee.jpg'))
  const { receipt } = await readResult(page)
  expect(receipt.outputs[0]).not.toHaveProperty('mask')
  expect(warnings.join()).toContain('A JPEG has no mask')
  consoleErrors.length = 0
})

test('min-width and min-height bound the zoom, for every way to zoom', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="64" height="64" min-width="150" min-height="200"></true-crop>')
  await pickFile(page, fixture('coffee.jpg'))
  const crop = () => page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).recipe?.crop.width ?? 0)
  const stage = page.locator('true-crop [part=stage]')
  await stage.press('End')
  expect(await crop()).toBeCloseTo(200, 1)
  await stage.press('Shift++')
  expect(await crop()).toBeCloseTo(200, 1)
  await page.evaluate(() => {
    const element = document.querySelector('true-crop') as TrueCrop
    element.view = { zoom: 50, center: { x: 0.3, y: 0.3 }, rotate: 10, flip: 'none' }
  })
  expect(await crop()).toBeCloseTo(200, 1)
  await stage.hover()
  await page.mouse.wheel(0, -2000)
  expect(await crop()).toBeCloseTo(200, 1)
  await expect(page.locator('true-crop input[type=range]')).toHaveValue('1000')
  // What is made keeps to it too.
  await waitUntilSettled(page)
  expect((await readResult(page)).receipt.crop.width).toBeGreaterThanOrEqual(199.99)
})

test('min-zoom bounds how far a photo with a background is zoomed out, and what is made', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="100" height="100" background="#ffffff"></true-crop>')
  await pickFile(page, fixture('coffee.jpg'))
  const stage = page.locator('true-crop [part=stage]')
  const least = async (): Promise<number> => {
    await moveAndSettle(page, () => stage.press('+'))
    await moveAndSettle(page, () => stage.press('Home'))
    return (await readResult(page)).receipt.crop.width
  }
  const set = (name: string, value: string) =>
    moveAndSettle(page, () =>
      page.locator('true-crop').evaluate((element, [name, value]) => element.setAttribute(name, value), [name, value] as const),
    )
  expect(await least()).toBe(600)
  await set('min-zoom', '0.8')
  expect(await least()).toBe(500)
  // A script that wants less gets no more than a person.
  await page.evaluate(() => {
    const element = document.querySelector('true-crop') as TrueCrop
    element.view = { zoom: 0.1, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }
  })
  await waitUntilSettled(page)
  expect((await readResult(page)).receipt.crop.width).toBe(500)
  await set('min-zoom', '1')
  expect(await least()).toBe(400)
})

test('a photo with too few pixels is shown, and says so; the form waits for another one', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="64" height="64" min-width="500" min-height="500"></true-crop>')
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('coffee.jpg'))
  await page.waitForFunction(() => (document.querySelector('true-crop') as TrueCrop).state === 'ready')
  const sentence = 'At least 500 × 500 pixels of the photo are needed: this crop has fewer.'
  await expect(page.getByRole('alert')).toHaveText(sentence)
  const validity = () =>
    page.evaluate(() => {
      const { validity, validationMessage } = document.querySelector('true-crop') as TrueCrop
      return [validity.valid, validity.rangeUnderflow, validationMessage]
    })
  expect(await validity()).toEqual([false, true, sentence])
  await page.evaluate(() => ((document.querySelector('true-crop') as TrueCrop).minWidth = 400))
  await page.evaluate(() => ((document.querySelector('true-crop') as TrueCrop).minHeight = 400))
  await waitUntilSettled(page)
  expect(await validity()).toEqual([true, false, ''])
  await expect(page.getByRole('alert')).toBeHidden()
})

test('a warning is shown as soon as the picture has more pixels than the crop, and goes away', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="200" height="200"></true-crop>')
  await pickFile(page, fixture('coffee.jpg'))
  await expect(warning(page)).toBeHidden()
  const zoom = (zoom: number) =>
    moveAndSettle(page, () =>
      page.evaluate((zoom) => {
        const element = document.querySelector('true-crop') as TrueCrop
        element.view = { zoom, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }
      }, zoom),
    )
  // 400 / 2: exactly as many pixels.
  await zoom(2)
  await expect(warning(page)).toBeHidden()
  await zoom(2.1)
  await expect(warning(page)).toBeVisible()
  await expect(warning(page)).toHaveRole('status')
  await zoom(1.5)
  await expect(warning(page)).toBeHidden()
})

test('a photo is removed by its button, and the focus goes back to where one is chosen', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="64" height="64" required></true-crop>')
  await pickFile(page, fixture('coffee.jpg'))
  await page.getByRole('button', { name: 'Remove the photo' }).click()
  const now = await page.evaluate(() => {
    const { state, file, validity, shadowRoot } = document.querySelector('true-crop') as TrueCrop
    return [state, file, validity.valueMissing, shadowRoot?.activeElement?.textContent]
  })
  expect(now).toEqual(['empty', null, true, 'Choose a photo'])
})

test('accept and capture are those of the file dialog; a file that is dragged over is asked for in words', async ({
  page,
  server,
}) => {
  await openHtml(page, server, '<true-crop accept="image/png" capture="environment"></true-crop>')
  const input = page.locator('true-crop input[type=file]')
  expect(await input.evaluate((input: HTMLInputElement) => [input.accept, input.getAttribute('capture')])).toEqual([
    'image/png',
    'environment',
  ])
  await page.evaluate(() => Object.assign(document.querySelector('true-crop') as TrueCrop, { accept: '', capture: null }))
  expect(await input.evaluate((input: HTMLInputElement) => [input.accept.split(',')[0], input.getAttribute('capture')])).toEqual([
    'image/jpeg',
    null,
  ])
  await pickFile(page, fixture('coffee.jpg'))
  const shown = await page.evaluate(() => {
    const element = document.querySelector('true-crop') as TrueCrop
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['x'], 'x.jpg', { type: 'image/jpeg' }))
    element.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true }))
    const shell = element.shadowRoot?.querySelector('.shell') as HTMLElement
    const during = getComputedStyle(shell, '::after').content
    element.dispatchEvent(new DragEvent('dragleave', { dataTransfer, bubbles: true }))
    return [during, shell.dataset.drop, getComputedStyle(shell, '::after').content]
  })
  expect(shown).toEqual(['"Drop the photo here"', 'Drop the photo here', 'none'])
})
