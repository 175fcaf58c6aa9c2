// Where WebAssembly cannot run: the platform shows the photo, and the server makes the very pixels that the engine would have made.
import type { Page } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'
import {
  type Server,
  digestsIn,
  expect,
  fixture,
  moveAndSettle,
  openHtml,
  pickFile,
  readResult,
  sha,
  test,
  waitUntilSettled,
} from './harness.js'

const FORM = (attributes: string): string =>
  `<form action="/v1/images" method="post" enctype="multipart/form-data">
    <true-crop id="crop" name="avatar" ${attributes} style="inline-size: 320px"></true-crop><button>Upload</button></form>`

/** A policy as strict pages have it, for the page and, as workers have their own, for the worker. */
const POLICY =
  "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' blob:"

/** Opens a page whose policy forbids WebAssembly. */
async function openStrict(page: Page, server: Server, attributes: string): Promise<void> {
  await page.context().route('**/worker.js', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': POLICY } })
  })
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><link rel="icon" href="icon.svg">
    <script type="module" src="../element.js"></script><body>${FORM(attributes)}</body></html>`
  await page.route('**/demo/strict.html', (route) =>
    route.fulfill({ contentType: 'text/html', headers: { 'content-security-policy': POLICY }, body: html }),
  )
  await page.goto(`${server.url}/demo/strict.html`)
  await page.waitForFunction(() => customElements.get('true-crop') !== undefined)
}

const parts = (page: Page): Promise<string[]> =>
  page.evaluate(() => [...new FormData(document.querySelector('form') as HTMLFormElement)].map(([name]) => name))

const setView = (page: Page, view: object) =>
  moveAndSettle(page, () =>
    page.evaluate((view) => void ((document.querySelector('true-crop') as TrueCrop).view = view as TrueCrop['view']), view),
  )

/** File, attributes, and the view: a photo of each orientation and kind, turned and mirrored. */
const cases: [file: string, attributes: string, view: { zoom: number; x: number; y: number; rotate: number; flip: string }][] = [
  ['phone-orientation-6.jpg', 'width="200" height="150"', { zoom: 1.7, x: 0.3, y: 0.6, rotate: 0, flip: 'none' }],
  ['coffee.jpg', 'width="128" height="128"', { zoom: 2.5, x: 0.4, y: 0.55, rotate: 12.5, flip: 'horizontal' }],
  ['cat-alpha.png', 'width="96" height="96"', { zoom: 1.2, x: 0.5, y: 0.5, rotate: 90, flip: 'none' }],
  ['cat.png', 'width="96" height="64" background="#ff0000"', { zoom: 0.8, x: 0.5, y: 0.5, rotate: 33, flip: 'vertical' }],
]

for (const [file, attributes, { x, y, ...rest }] of cases) {
  test(`${file}: the server makes the same pixels of the recipe and the source`, async ({ page, server, consoleErrors }) => {
    const view = { ...rest, center: { x, y } }
    await openHtml(page, server, FORM(attributes))
    await pickFile(page, fixture(file))
    await setView(page, view)
    const exact = await readResult(page)
    expect(digestsIn(server.store)).not.toContain(sha(exact.bytes))

    await openStrict(page, server, attributes)
    await page.locator('true-crop input[type=file]').setInputFiles(fixture(file))
    await waitUntilSettled(page)
    await expect(page.locator('true-crop [part=note]')).toContainText('the server makes the picture')
    await setView(page, view)
    expect(await parts(page)).toEqual(['avatar.recipe', 'avatar.source'])
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().endsWith('/v1/images')),
      page.getByRole('button', { name: 'Upload' }).click(),
    ])
    expect(answer.status(), await answer.text().catch(() => '')).toBe(201)
    expect(digestsIn(server.store)).toContain(sha(exact.bytes))
    // The developer is told why.
    expect(consoleErrors.splice(0).join()).toContain("add 'wasm-unsafe-eval' to script-src")
  })
}

test('what the platform cannot decode, and every photo with fallback="none", is refused as before', async ({
  page,
  server,
  consoleErrors,
}) => {
  await openStrict(page, server, 'fallback="none"')
  const message = page.locator('true-crop [part=message]')
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('coffee.jpg'))
  await expect(message).toHaveText(/could not be loaded/)
  expect(await parts(page)).toEqual([])
  await page.evaluate(() => ((document.querySelector('true-crop') as TrueCrop).fallback = 'source'))
  for (const file of ['not-a-picture.txt', 'not-supported.heic']) {
    await page.locator('true-crop input[type=file]').setInputFiles(fixture(file))
    await expect(message, file).toHaveText(/could not be loaded/)
  }
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('coffee.jpg'))
  await waitUntilSettled(page)
  await expect(message).toBeHidden()
  await expect(page.locator('true-crop [part=stage]')).toBeVisible()
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/fallback.png` })
  consoleErrors.length = 0
})

test('no decoded photo stays in memory: not of photos in a row, nor of several that nobody looks at', async ({
  page,
  server,
  consoleErrors,
}) => {
  await page.addInitScript(() => {
    const open = new Set<ImageBitmap>()
    Object.assign(globalThis, { open })
    const { createImageBitmap } = globalThis
    globalThis.createImageBitmap = (async (...args: Parameters<typeof createImageBitmap>) => {
      const bitmap = await createImageBitmap(...args)
      open.add(bitmap)
      return bitmap
    }) as typeof createImageBitmap
    const { close } = ImageBitmap.prototype
    ImageBitmap.prototype.close = function (this: ImageBitmap) {
      open.delete(this)
      close.call(this)
    }
  })
  const open = () => page.evaluate(() => (globalThis as unknown as { open: Set<ImageBitmap> }).open.size)
  await openStrict(page, server, 'multiple')
  await page.locator('true-crop input[type=file]').setInputFiles(['coffee.jpg', 'cat.png', 'rocket.jpg'].map(fixture))
  await waitUntilSettled(page)
  // The one that is looked at.
  expect(await open()).toBe(1)
  await page.evaluate(() => Object.assign(document.querySelector('true-crop') as TrueCrop, { file: null, multiple: false }))
  expect(await open()).toBe(0)
  for (const file of ['coffee.jpg', 'cat.png']) {
    await pickFile(page, fixture(file))
    expect(await open()).toBe(1)
  }
  consoleErrors.length = 0
})
