// Photos that only the browser decodes: on request alone, with a receipt that says so, and taken by the server at level result.
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { expect, fixture, openHtml, openPage, pickFile, readResult, test } from './harness.js'

/** The largest difference of what was made and of what the browser shows of the file, premultiplied, as a canvas gives them. */
const difference = (page: Page, made: number[], wanted: string) =>
  page.evaluate(
    async ([made, wanted]) => {
      const data = async (blob: Blob) => {
        const bitmap = await createImageBitmap(blob)
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d') as OffscreenCanvasRenderingContext2D
        context.drawImage(bitmap, 0, 0)
        return { size: [bitmap.width, bitmap.height], data: context.getImageData(0, 0, bitmap.width, bitmap.height).data }
      }
      const bytes = Uint8Array.from(atob(wanted), (c) => c.charCodeAt(0))
      const [a, b] = [await data(new Blob([new Uint8Array(made)])), await data(new Blob([bytes]))]
      const weight = (pixels: Uint8ClampedArray, i: number) => ((pixels[i] ?? 0) * (pixels[i | 3] ?? 0)) / 255
      const most = a.data.reduce((most, _, i) => Math.max(most, Math.abs(weight(a.data, i) - weight(b.data, i))), 0)
      return { sizes: [a.size, b.size], most }
    },
    [made, wanted] as const,
  )

/** File and its upright size. */
const files = [
  ['cat', [69, 43]],
  ['cat-alpha', [64, 48]],
  ['turned', [43, 69]],
] as const

for (const [name, [width, height]] of files) {
  test(`${name}.avif is decoded by the browser, and the receipt says so`, async ({ page, server }) => {
    const html = `<true-crop decoders="platform" format="png" width="${width}" height="${height}"></true-crop>`
    await openHtml(page, server, html)
    await pickFile(page, fixture(`platform/${name}.avif`))
    const { receipt, bytes } = await readResult(page)
    const size = readFileSync(fixture(`platform/${name}.avif`)).length
    expect(receipt.source).toMatchObject({ format: 'avif', decoder: 'platform', width, height, orientation: 1, bytes: size })
    const wanted = readFileSync(fixture(`platform/${name}.avif`)).toString('base64')
    const { sizes, most } = await difference(page, [...bytes], wanted)
    expect(sizes[0]).toEqual(sizes[1])
    expect(most).toBeLessThanOrEqual(3)
  })
}

test('the server keeps such a picture at level result, and cannot prove it from its source', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop decoders="platform"></true-crop>')
  await pickFile(page, fixture('platform/cat.avif'))
  const send = (withSource: boolean) =>
    page.evaluate(async (withSource) => {
      const { result, file } = document.querySelector('true-crop') as TrueCrop
      const form = result?.toFormData() as FormData
      if (withSource) form.append('main.source', file as File)
      const response = await fetch('/v1/images', { method: 'POST', body: form })
      return { status: response.status, body: await response.json() }
    }, withSource)
  expect(await send(false)).toMatchObject({ status: 201, body: { images: { main: { level: 'result' } } } })
  expect(await send(true)).toMatchObject({ status: 422, body: { code: 'not-reproducible' } })
})

test('it is opened again in a new worker', async ({ page, server }) => {
  await page.route('**/tests/cat.avif', (route) => route.fulfill({ path: fixture('platform/cat.avif') }))
  await openPage(page, server)
  const made = await page.evaluate(async () => {
    const { Truecrop } = (await import(new URL('../index.js', location.href).href)) as typeof import('../../www/client/index.js')
    const client = new Truecrop({ decoders: 'platform' })
    const photo = await client.open(await (await fetch('/tests/cat.avif')).blob())
    const recipe = { truecrop: 1, crop: { x: 0, y: 0, width: 40, height: 40 }, outputs: [] as never[] } as const
    const output = { name: 'main', width: 64, height: 64, format: 'jpeg' } as const
    const first = await photo.render({ ...recipe, outputs: [output] })
    client.stop()
    const second = await photo.render({ ...recipe, outputs: [output] })
    return [first.receipt, second.receipt]
  })
  expect(made[0]).toBe(made[1])
})

for (const decoders of ['heic', 'none']) {
  test(`with decoders="${decoders}" an AVIF is refused by name`, async ({ page, server }) => {
    await openHtml(page, server, `<true-crop decoders="${decoders}"></true-crop>`)
    await page.locator('true-crop input[type=file]').setInputFiles(fixture('platform/cat.avif'))
    await expect(page.locator('true-crop [part=message]')).toContainText('AVIF')
  })
}

test('what the browser cannot decode either is refused as before', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop decoders="platform"></true-crop>')
  for (const [file, sentence] of [
    ['not-supported.avif', 'AVIF'],
    ['not-a-picture.txt', 'not a photo'],
  ] as const) {
    await page.locator('true-crop input[type=file]').setInputFiles(fixture(file))
    await expect(page.locator('true-crop [part=message]')).toContainText(sentence)
  }
})
