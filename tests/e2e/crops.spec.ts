// Several crops of one photo: each is moved by itself, all of them are in the form, and the server keeps them together.
import type { Page } from '@playwright/test'
import type { CropOptions } from '../../www/element/define.js'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { type Server, expect, fixture, moveAndSettle, openHtml, pickFile, test, waitUntilSettled } from './harness.js'

const CROPS: CropOptions[] = [
  { name: 'square', label: 'Square', outputs: [{ name: 'main', width: 90, height: 90 }] },
  {
    name: 'wide',
    label: 'Wide',
    outputs: [
      { name: 'large', width: 160, height: 90 },
      { name: 'small', width: 80, height: 45 },
    ],
  },
  {
    name: 'tall',
    outputs: [{ name: 'main', width: 60, height: 90, format: 'png' }],
    view: { zoom: 2, center: { x: 0.3, y: 0.5 }, rotate: 0, flip: 'none' },
  },
]

async function open(page: Page, server: Server): Promise<void> {
  const form = '<form action="/v1/images" method="post" enctype="multipart/form-data">'
  await openHtml(page, server, `${form}<true-crop name="photo"></true-crop><button>Upload</button></form>`)
  await page.addStyleTag({ content: 'true-crop { width: 400px }' })
  await page.evaluate((crops) => ((document.querySelector('true-crop') as TrueCrop).crops = crops), CROPS)
}

interface Receipt {
  view: { zoom: number; center: { x: number } }
  crop: { x: number; width: number; height: number }
  outputs: { name: string; width: number; height: number }[]
}

const receipts = (page: Page): Promise<Record<string, Receipt>> =>
  page.evaluate(() => {
    const { results } = document.querySelector('true-crop') as TrueCrop
    return Object.fromEntries([...results].map(([name, { receipt }]) => [name, JSON.parse(receipt) as Receipt]))
  })

const parts = (page: Page) => page.evaluate(() => [...new FormData(document.querySelector('form') as HTMLFormElement).keys()])

test('all crops are made, also those that nobody has looked at, and the form has all of them', async ({ page, server }) => {
  await open(page, server)
  await page.evaluate(() => {
    const changed: string[] = []
    Object.assign(globalThis, { changed })
    document.querySelector('true-crop')?.addEventListener('change', ({ detail }) => void changed.push(String(detail.crop)))
  })
  await pickFile(page, fixture('coffee.jpg'))
  const made = await receipts(page)
  expect(Object.keys(made)).toEqual(['photo-square', 'photo-wide', 'photo-tall'])
  expect(made['photo-wide']?.outputs.map(({ width, height }) => [width, height])).toEqual([
    [160, 90],
    [80, 45],
  ])
  expect(made['photo-tall']?.view.center.x).toBeCloseTo(0.3, 4)
  expect(await parts(page)).toEqual([
    'photo-square.receipt',
    'photo-square',
    'photo-wide.receipt',
    'photo-wide.large',
    'photo-wide.small',
    'photo-tall.receipt',
    'photo-tall',
  ])
  expect(await page.evaluate(() => (globalThis as unknown as { changed: string[] }).changed)).toEqual(['square', 'wide', 'tall'])
  await expect(page.locator('true-crop [part=crops] img')).toHaveCount(3)
  // One form, all or none: truecrop's own server takes it as it is.
  const [response] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/v1/images')),
    page.getByRole('button', { name: 'Upload' }).click(),
  ])
  expect(response.status()).toBe(201)
  const { images } = (await response.json()) as { images: Record<string, unknown> }
  expect(Object.keys(images).sort()).toEqual(['photo-square', 'photo-tall', 'photo-wide'])
})

test('each crop is moved by itself, with a history of its own', async ({ page, server }) => {
  await open(page, server)
  await pickFile(page, fixture('coffee.jpg'))
  const before = await receipts(page)
  const stage = page.locator('true-crop [part=stage]')
  const frame = async () => {
    const box = await page.locator('true-crop [part=frame]').boundingBox()
    return (box?.width ?? 0) / (box?.height ?? 1)
  }
  await expect(page.getByRole('group', { name: 'Pictures' })).toBeVisible()
  await moveAndSettle(page, () => page.getByRole('radio', { name: 'Wide' }).click())
  expect(await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).crop)).toBe('wide')
  await expect(async () => expect(await frame()).toBeCloseTo(16 / 9, 1)).toPass()
  await moveAndSettle(page, () => stage.press('Shift++'))
  const zoomed = await receipts(page)
  expect(zoomed['photo-wide']?.view.zoom).toBeGreaterThan(1.4)
  expect(zoomed['photo-square']).toEqual(before['photo-square'])
  expect(zoomed['photo-tall']).toEqual(before['photo-tall'])
  // Another crop has nothing to take back, and starts where its view says.
  await moveAndSettle(page, () => page.getByRole('radio', { name: 'tall' }).click())
  const now = await page.evaluate(() => {
    const { canUndo, view } = document.querySelector('true-crop') as TrueCrop
    return { canUndo, x: view?.center.x }
  })
  expect(now.canUndo).toBe(false)
  expect(now.x).toBeCloseTo(0.3, 2)
  await moveAndSettle(page, () => page.getByRole('radio', { name: 'Wide' }).click())
  expect(await receipts(page)).toEqual(zoomed)
  await moveAndSettle(page, () => page.keyboard.press('Control+z'))
  expect(await receipts(page)).toEqual(before)
  // By script, and with the arrow keys.
  await page.evaluate(() => ((document.querySelector('true-crop') as TrueCrop).crop = 'square'))
  await expect(page.getByRole('radio', { name: 'Square' })).toBeChecked()
  await page.getByRole('radio', { name: 'Square' }).press('ArrowRight')
  await expect(page.getByRole('radio', { name: 'Wide' })).toBeChecked()
  await waitUntilSettled(page)
})

test('a crop keeps its place beside others with narrower bounds, and the first one its history', async ({ page, server }) => {
  await open(page, server)
  // of 600 x 400: a square may be zoomed to 1.6 then, a wide one to 2.4
  await page.locator('true-crop').evaluate((element) => element.setAttribute('min-width', '250'))
  await pickFile(page, fixture('coffee.jpg'))
  const choose = (name: string) => moveAndSettle(page, () => page.getByRole('radio', { name }).click())
  const stage = page.locator('true-crop [part=stage]')
  await moveAndSettle(page, () => stage.press('+'))
  await choose('Wide')
  await moveAndSettle(page, () => stage.press('End'))
  const zoomed = (await receipts(page))['photo-wide']
  expect(zoomed?.view.zoom).toBeCloseTo(2.4, 2)
  await choose('Square')
  expect(await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).canUndo)).toBe(true)
  await choose('Wide')
  expect((await receipts(page))['photo-wide']).toEqual(zoomed)
})

test('until all crops are made the form waits, and a new photo begins anew', async ({ page, server }) => {
  await open(page, server)
  await pickFile(page, fixture('coffee.jpg'))
  await moveAndSettle(page, () => page.locator('true-crop [part=stage]').press('Shift++'))
  const states = await page.evaluate(async () => {
    const element = document.querySelector('true-crop') as TrueCrop
    const states: unknown[] = []
    element.addEventListener('change', ({ detail }) => states.push([detail.crop, element.state, element.validity.valid]))
    const blob = await (await fetch('sample.jpg')).blob()
    await element.open(blob)
    while (element.state !== 'ready') await new Promise((resolve) => setTimeout(resolve, 20))
    return states
  })
  expect(states).toEqual([
    ['square', 'rendering', false],
    ['wide', 'rendering', false],
    ['tall', 'ready', true],
  ])
  expect((await receipts(page))['photo-square']?.view.zoom).toBe(1)
  await page.evaluate(() => ((document.querySelector('true-crop') as TrueCrop).file = null))
  expect(await parts(page)).toEqual([])
})

const refused: [crops: unknown, sentence: string][] = [
  [[], 'TypeError: crops must be an array of {name, outputs}'],
  [[{ name: 'A b', outputs: [] }], 'RangeError: crops[0].name must be 1 to 32 of a-z'],
  [[CROPS[0], CROPS[0]], 'RangeError: crops[1].name must be 1 to 32 of a-z'],
  [[{ name: 'a', outputs: [] }], 'TypeError: crops[0].outputs must be an array'],
  [[{ name: 'a', outputs: [{ name: 'main', width: 0, height: 1 }] }], 'RangeError: outputs[0].width'],
  [[{ ...CROPS[0], view: { zoom: 0 } }], 'TypeError: crops[0].view must be a view'],
]

test('crops that cannot be are refused in words, and nothing changes', async ({ page, server }) => {
  await open(page, server)
  for (const [crops, sentence] of refused) {
    const [thrown, length] = await page.evaluate((crops) => {
      const element = document.querySelector('true-crop') as TrueCrop
      let thrown = 'nothing'
      try {
        Object.assign(element, { crops })
      } catch (error) {
        thrown = String(error)
      }
      return [thrown, element.crops?.length]
    }, crops)
    expect(thrown).toContain(sentence)
    expect(length).toBe(3)
  }
})

/** Moves the first crop and, after it, the second one. */
async function moveTwo(page: Page): Promise<Record<string, Receipt>> {
  for (const [name, zoom] of [
    ['square', 1.5],
    ['wide', 2.5],
  ] as const) {
    await moveAndSettle(page, () =>
      page.evaluate(
        ([name, zoom]) => {
          const element = document.querySelector('true-crop') as TrueCrop
          element.crop = name
          element.view = { zoom, center: { x: 0.4, y: 0.6 }, rotate: 0, flip: 'none' }
        },
        [name, zoom] as const,
      ),
    )
  }
  return receipts(page)
}

test('back and forward keep the place of every crop', async ({ page, server }) => {
  await open(page, server)
  await pickFile(page, fixture('coffee.jpg'))
  const before = await moveTwo(page)
  await page.goto(`${server.url}/healthz`)
  await page.goBack()
  await page.waitForFunction(() => customElements.get('true-crop') !== undefined)
  await expect(page.locator('true-crop [part=note]')).toHaveText(/Please choose “coffee\.jpg” again/)
  await page.evaluate((crops) => ((document.querySelector('true-crop') as TrueCrop).crops = crops), CROPS)
  await pickFile(page, fixture('coffee.jpg'))
  expect(await receipts(page)).toEqual(before)
})

test('an element with several crops that is taken out and put back keeps the place of each', async ({ page, server }) => {
  await open(page, server)
  await pickFile(page, fixture('coffee.jpg'))
  const before = await moveTwo(page)
  await page.evaluate(async () => {
    const element = document.querySelector('true-crop') as TrueCrop
    const { parentElement } = element
    element.remove()
    await new Promise((resolve) => setTimeout(resolve, 50))
    parentElement?.prepend(element)
  })
  await waitUntilSettled(page)
  expect(await receipts(page)).toEqual(before)
  expect(await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).crop)).toBe('wide')
})
