/** Cases from the threads of other croppers that no other test has: docs/FIELD-CASES.md lists all of them. */

import type { Page } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { eightK, expect, fixture, openHtml, pickFile, readResult, sha, test, waitUntilSettled } from './harness.js'

const VIEW = { zoom: 2.3, center: { x: 0.31, y: 0.62 }, rotate: 12, flip: 'horizontal' } as const

/** Sets the view, and gives the digest of the picture and its receipt. */
async function made(page: Page): Promise<{ picture: string; receipt: unknown }> {
  await page.evaluate((view) => void ((document.querySelector('true-crop') as TrueCrop).view = view), VIEW)
  await waitUntilSettled(page)
  const { bytes, receipt } = await readResult(page)
  return { picture: sha(bytes), receipt }
}

test('the same view makes the same file at any pixel ratio, in an element of any size', async ({ browser, server }) => {
  const all: { picture: string; receipt: unknown }[] = []
  for (const deviceScaleFactor of [1, 2, 3]) {
    for (const width of [180, 333, 900]) {
      const page = await browser.newPage({ deviceScaleFactor })
      await openHtml(page, server, `<div style="width:${width}px"><true-crop width="400" height="300"></true-crop></div>`)
      await pickFile(page, fixture('phone-orientation-6.jpg'))
      all.push(await made(page))
      await page.close()
    }
  }
  expect(all).toEqual(all.map(() => all[0]))
})

test('an element that is taken out and put back goes on with one worker and one canvas', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="200" height="200"></true-crop>')
  await pickFile(page, fixture('coffee.jpg'))
  for (let i = 0; i < 5; i += 1)
    await page.evaluate(() => {
      const element = document.querySelector('true-crop') as TrueCrop
      const parent = element.parentElement as HTMLElement
      element.remove()
      parent.append(element)
    })
  await pickFile(page, fixture('phone-orientation-6.jpg'))
  expect((await readResult(page)).bytes.length).toBeGreaterThan(0)
  expect(page.workers().length).toBe(1)
  const canvases = () => document.querySelector('true-crop')?.shadowRoot?.querySelectorAll('canvas').length
  expect(await page.evaluate(canvases)).toBe(1)
})

test('twenty photos in a row leave no more memory in use than two do', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="512" height="512"></true-crop>')
  const memory: number[] = []
  for (let i = 0; i < 20; i += 1) {
    await pickFile(page, eightK(server.scratch))
    memory.push(await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).result?.memory ?? 0))
  }
  expect(memory[0]).toBeGreaterThan(0)
  expect(Math.max(...memory)).toBe(memory[1])
  expect(page.workers().length).toBe(1)
})

const STRICT = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
].join('; ')

test('a page works under a strict policy: no inline style, no data address, no worker from a Blob', async ({ page, server }) => {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><link rel="icon" href="icon.svg">
    <script type="module" src="../element.js"></script><body><true-crop width="300" height="300" controls="full"></true-crop></body></html>`
  await page.route('**/demo/strict.html', (route) =>
    route.fulfill({ contentType: 'text/html', body: html, headers: { 'content-security-policy': STRICT } }),
  )
  await page.goto(`${server.url}/demo/strict.html`)
  await page.waitForFunction(() => customElements.get('true-crop') !== undefined)
  await pickFile(page, fixture('coffee.jpg'))
  // the harness fails on any message of the console, a violation of the policy among them
  const { picture } = await made(page)
  expect(picture).toHaveLength(64)
})

test('the element measures itself without what a page’s animations scale', async ({ page, server }) => {
  await openHtml(
    page,
    server,
    '<div id="modal" style="width:400px;transform:scale(0.3)"><true-crop width="200" height="200"></true-crop></div>',
  )
  await pickFile(page, fixture('coffee.jpg'))
  await page.evaluate(() => void ((document.querySelector('#modal') as HTMLElement).style.transform = 'none'))
  const stage = page.locator('true-crop [part=stage]')
  const frame = page.locator('true-crop [part=frame]')
  await expect.poll(async () => (await stage.boundingBox())?.width).toBe(400)
  const [outer, inner] = [await stage.boundingBox(), await frame.boundingBox()]
  if (!outer || !inner) throw new Error('nothing is shown')
  expect(Math.abs(inner.x - outer.x - (outer.width - inner.width) / 2)).toBeLessThan(1.5)
  expect(inner.width).toBeGreaterThan(outer.width / 2)
})

test('a page is scrolled past the element by the wheel and by a finger where it asks for that', async ({ browser, server }) => {
  const page = await browser.newPage({ hasTouch: true, viewport: { width: 500, height: 600 } })
  await openHtml(
    page,
    server,
    '<true-crop width="400" height="400" wheel="ctrl" touch="page"></true-crop><p style="height:3000px"></p>',
  )
  await pickFile(page, fixture('coffee.jpg'))
  const zoom = () => page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).view?.zoom)
  const before = await zoom()
  await page.mouse.move(250, 250)
  await page.mouse.wheel(0, 300)
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(100)
  expect(await zoom()).toBe(before)
  expect(
    await page.evaluate(
      () =>
        getComputedStyle(document.querySelector('true-crop')?.shadowRoot?.querySelector('[part=stage]') as Element).touchAction,
    ),
  ).toContain('pan')
  await page.close()
})
