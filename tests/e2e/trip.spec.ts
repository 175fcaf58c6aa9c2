// The whole way: a real photo is cropped in the browser, verified, stored, and found on the disk.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrueCrop } from '../../www/element/true-crop.js'
import {
  digestsIn,
  eightK,
  expect,
  filesIn,
  fixture,
  moveAndSettle,
  openPage,
  pickFile,
  readResult,
  runCli,
  sha,
  test,
  upload,
  waitUntilSettled,
} from './harness.js'
import { makePng, readPng } from './png.js'

const sources: { name: string; file: (folder: string) => string; facts: Record<string, unknown>; kind: string }[] = [
  { name: 'an 8K JPEG', file: eightK, facts: { width: 7680, height: 4320 }, kind: 'image/jpeg' },
  {
    name: 'a phone photo with orientation 6',
    file: () => fixture('phone-orientation-6.jpg'),
    facts: { orientation: 6 },
    kind: 'image/jpeg',
  },
  { name: 'a PNG with alpha', file: () => fixture('cat-alpha.png'), facts: { alpha: true }, kind: 'image/png' },
  { name: 'a picture of one pixel', file: () => fixture('one-pixel.png'), facts: { width: 1, height: 1 }, kind: 'image/' },
]

for (const { name, file, facts, kind } of sources) {
  test(`${name} is cropped, uploaded, verified and found in the store`, async ({ page, server }) => {
    await openPage(page, server)
    await pickFile(page, file(server.scratch))
    expect(await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).facts)).toMatchObject(facts)
    await moveAndSettle(page, () =>
      page.evaluate(
        () =>
          void ((document.querySelector('true-crop') as TrueCrop).view = {
            zoom: 1.7,
            center: { x: 0.4, y: 0.45 },
            rotate: 0,
            flip: 'none',
          }),
      ),
    )
    const { bytes } = await readResult(page)
    expect(await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).result?.outputs[0]?.type)).toContain(kind)
    await upload(page)
    expect(digestsIn(server.store)).toContain(sha(bytes))
    // What the page shows is what is stored, byte for byte.
    const [stored] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('link', { name: 'Open the stored picture' }).click(),
    ])
    const answer = await stored.request.get(stored.url())
    expect(sha(await answer.body())).toBe(sha(bytes))
    expect(answer.headers()['content-type']).toContain(kind)
    await stored.close()
  })
}

test('the command line makes and verifies the same bytes as the browser', async ({ page, server }) => {
  await openPage(page, server)
  await pickFile(page, fixture('phone-orientation-6.jpg'))
  const { bytes } = await readResult(page)
  const receipt = await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).result?.receipt ?? '')
  const [picture, receiptFile] = [join(server.scratch, 'browser.jpg'), join(server.scratch, 'browser.json')]
  writeFileSync(picture, bytes)
  writeFileSync(receiptFile, receipt)
  runCli('verify', '--receipt', receiptFile, '--output', `main=${picture}`, '--source', fixture('phone-orientation-6.jpg'))
  const again = join(server.scratch, 'native.jpg')
  const { crop } = JSON.parse(receipt) as { crop: { x: number; y: number; width: number; height: number } }
  runCli(
    'crop',
    fixture('phone-orientation-6.jpg'),
    '--size',
    '512x512',
    '--crop',
    `${crop.x},${crop.y},${crop.width},${crop.height}`,
    '--format',
    'jpeg',
    '-o',
    again,
  )
  expect(sha(readFileSync(again))).toBe(sha(bytes))
})

test.describe('known colours', () => {
  const colours = {
    topLeft: [220, 20, 60],
    topRight: [20, 160, 70],
    bottomLeft: [30, 60, 200],
    bottomRight: [250, 200, 20],
  } as const
  const [width, height, corner] = [480, 360, 120]
  const colour = (x: number, y: number): readonly number[] => {
    const [left, right, top, bottom] = [x < corner, x >= width - corner, y < corner, y >= height - corner]
    if (top && left) return colours.topLeft
    if (top && right) return colours.topRight
    if (bottom && left) return colours.bottomLeft
    if (bottom && right) return colours.bottomRight
    return [128, 128, 128]
  }
  // Dragging the photo down and to the right moves its top left corner into the frame.
  const cases = [
    { name: 'topLeft', dx: 1, dy: 1, x: 0, y: 0 },
    { name: 'topRight', dx: -1, dy: 1, x: width - corner, y: 0 },
    { name: 'bottomLeft', dx: 1, dy: -1, x: 0, y: height - corner },
    { name: 'bottomRight', dx: -1, dy: -1, x: width - corner, y: height - corner },
  ] as const

  test('the crop lands in all four corners, exactly', async ({ page, server }) => {
    const file = join(server.scratch, 'corners.png')
    writeFileSync(file, makePng(width, height, colour))
    await openPage(page, server)
    await page.locator('true-crop').evaluate((element) => element.setAttribute('format', 'png'))
    await pickFile(page, file)
    for (const { name, dx, dy, x, y } of cases) {
      await page.evaluate(
        () =>
          void ((document.querySelector('true-crop') as TrueCrop).view = {
            zoom: 3,
            center: { x: 0.5, y: 0.5 },
            rotate: 0,
            flip: 'none',
          }),
      )
      const stage = await page.locator('true-crop [part=stage]').boundingBox()
      if (!stage) throw new Error('no stage')
      const [cx, cy] = [stage.x + stage.width / 2, stage.y + stage.height / 2]
      for (let drags = 0; drags < 6; drags += 1) {
        await page.mouse.move(cx, cy)
        await page.mouse.down()
        await page.mouse.move(cx + dx * 200, cy + dy * 200, { steps: 4 })
        await page.mouse.up()
      }
      await waitUntilSettled(page)
      const { receipt, bytes } = await readResult(page)
      expect(receipt.crop, name).toEqual({ x, y, width: corner, height: corner })
      const picture = readPng(bytes)
      const wrong = [...picture.data].findIndex((value, i) => value !== colours[name][i % picture.channels])
      expect({ name, width: picture.width, height: picture.height, wrong }).toEqual({ name, width: 512, height: 512, wrong: -1 })
    }
  })

  test('the greatest zoom shows one source pixel, the least the whole of the shorter side', async ({ page, server }) => {
    const file = join(server.scratch, 'pixels.png')
    writeFileSync(
      file,
      makePng(101, 61, (x, y) => [x * 2, y * 4, 7]),
    )
    await openPage(page, server)
    await page.locator('true-crop').evaluate((element) => element.setAttribute('format', 'png'))
    await pickFile(page, file)
    expect((await readResult(page)).receipt.crop).toEqual({ x: 20, y: 0, width: 61, height: 61 })
    const slider = page.locator('true-crop [part=slider]')
    await slider.focus()
    await moveAndSettle(page, () => slider.press('End'))
    const near = await readResult(page)
    expect(near.receipt.crop).toEqual({ x: 50, y: 30, width: 1, height: 1 })
    expect(new Set(readPng(near.bytes).data)).toEqual(new Set([100, 120, 7]))
    await upload(page)
    await moveAndSettle(page, () => slider.press('Home'))
    expect((await readResult(page)).receipt.crop).toEqual({ x: 20, y: 0, width: 61, height: 61 })
  })
})

test('an 8K photo does not block the main thread for 50 ms', async ({ page, server }) => {
  const photo = eightK(server.scratch)
  const longTasks = async (): Promise<number[]> => {
    await openPage(page, server)
    await page.evaluate(() => {
      const tasks: number[] = []
      Object.assign(window, { tasks })
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
        type: 'longtask',
      })
    })
    await pickFile(page, photo)
    await page.locator('true-crop [part=stage]').hover()
    for (let i = 0; i < 8; i += 1) await page.mouse.wheel(0, i < 5 ? -240 : 180)
    await page.mouse.down()
    for (let i = 0; i < 20; i += 1) await page.mouse.move(300 + i * 4, 400 + i * 3)
    await page.mouse.up()
    await waitUntilSettled(page)
    return page.evaluate(() => (window as unknown as { tasks: number[] }).tasks)
  }
  // A busy machine makes any task long, now and then: what the page itself does is long each time.
  const tries: number[][] = []
  while (tries.length < 4 && !tries.some((tasks) => tasks.length === 0)) tries.push(await longTasks())
  expect(tries.at(-1), JSON.stringify(tries)).toEqual([])
})

test('the sweep deletes what was never confirmed; what was confirmed stays', async ({ page, server }) => {
  await openPage(page, server)
  await pickFile(page, fixture('coffee.jpg'))
  await upload(page)
  await page.getByRole('button', { name: 'Confirm' }).click()
  await expect(page.locator('#verdict-title')).toHaveText('Kept')
  const kept = sha((await readResult(page)).bytes)
  await moveAndSettle(page, () => page.locator('true-crop').getByRole('button', { name: 'Mirror left and right' }).click())
  await upload(page)
  const pending = sha((await readResult(page)).bytes)
  expect(digestsIn(server.store)).toContain(pending)
  runCli('sweep', '--older-than', '0s', '--store', server.store)
  expect(digestsIn(server.store)).not.toContain(pending)
  expect(digestsIn(server.store)).toContain(kept)
  expect(filesIn(join(server.store, 'pending'))).toEqual([])
})
