// Where the worker and the modules come from: shared by their addresses, loaded again after a failure, from scripts where files are missing.
import type { Page } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { expect, fixture, openPage, pickFile, test } from './harness.js'

/** Picks a file and waits until the element has the picture or has failed; the error, if it failed. */
async function tryFile(
  page: Page,
  name: string,
): Promise<{ code: string; field: string | undefined; message: string } | undefined> {
  const opening = page.evaluate(() => {
    const element = document.querySelector('true-crop') as TrueCrop
    return new Promise<{ code: string; field: string | undefined; message: string } | undefined>((resolve) => {
      element.addEventListener('change', () => resolve(undefined), { once: true })
      element.addEventListener('truecrop-error', ({ detail: { code, field, message } }) => resolve({ code, field, message }), {
        once: true,
      })
    })
  })
  await page.locator('true-crop input[type=file]').setInputFiles(fixture(name))
  return opening
}

const setAddress = (page: Page, name: 'wasmUrl' | 'jpegWasmUrl' | 'workerUrl', address: string): Promise<void> =>
  page.evaluate(
    ([property, url]) => void Object.assign(document.querySelector('true-crop') as TrueCrop, { [property as string]: url }),
    [name, address],
  )

for (const [title, attributes, count] of [
  ['no address', {}, 1],
  ['the same address', { 'wasm-url': '/wasm/truecrop_bg.wasm' }, 1],
  ['the same addresses, written in two ways', { 'worker-url': ['/worker.js', '../worker.js'] }, 1],
  ['two addresses', { 'worker-url': ['/worker.js', '/worker.js?other'] }, 2],
] as const) {
  test(`ten elements with ${title}: workers started`, async ({ page, server }) => {
    await openPage(page, server, '/demo/plain.html')
    const workers: string[] = []
    page.on('worker', (worker) => workers.push(worker.url()))
    await page.evaluate(async (given) => {
      const file = new File([await (await fetch('sample.jpg')).blob()], 'sample.jpg')
      const opened = Array.from({ length: 10 }, (_, i) => {
        const element = document.createElement('true-crop')
        for (const [name, value] of Object.entries(given)) {
          element.setAttribute(name, typeof value === 'string' ? value : (value[i % 2] as string))
        }
        document.body.append(element)
        const ready = new Promise((resolve) => element.addEventListener('ready', resolve))
        element.file = file
        return ready
      })
      await Promise.all(opened)
    }, attributes)
    expect(workers).toHaveLength(count)
  })
}

test('an element and openPhoto share one worker', async ({ page, server }) => {
  await openPage(page, server, '/demo/plain.html')
  const workers: string[] = []
  page.on('worker', (worker) => workers.push(worker.url()))
  await pickFile(page, fixture('coffee.jpg'))
  await page.evaluate(async () => {
    const { openPhoto } = (await import(new URL('../index.js', location.href).href)) as typeof import('../../www/client/index.js')
    const photo = await openPhoto(await (await fetch('sample.jpg')).blob())
    await photo.close()
  })
  expect(workers).toHaveLength(1)
})

test('after a failed request the next try works, at once', async ({ page, server, consoleErrors }) => {
  await openPage(page, server, '/demo/plain.html')
  await page.context().route(/\.wasm$|inline\/data/, (route) => route.abort())
  expect(await tryFile(page, 'coffee.jpg')).toMatchObject({ code: 'engine-unavailable', field: 'jpegWasmUrl' })
  await page.context().unrouteAll()
  await pickFile(page, fixture('coffee.jpg'))
  // The browser itself has said that the requests failed.
  expect(consoleErrors.splice(0).length).toBeGreaterThan(0)
})

test('a module that cannot be loaded leaves the other one as it is', async ({ page, server, consoleErrors }) => {
  await openPage(page, server, '/demo/plain.html')
  await page.context().route(/truecrop_bg\.wasm$|inline\/data/, (route) => route.abort())
  await pickFile(page, fixture('coffee.jpg'))
  expect(await tryFile(page, 'cat.png')).toMatchObject({ code: 'engine-unavailable', field: 'wasmUrl' })
  await pickFile(page, fixture('coffee.jpg'))
  consoleErrors.splice(0)
})

test('a wasm file that a bundler left behind comes from a script', async ({ page, server, consoleErrors }) => {
  await openPage(page, server, '/demo/plain.html')
  const html = { status: 200, contentType: 'text/html', body: '<!doctype html>' }
  await page.context().route(/\.wasm$/, (route) => route.fulfill(html))
  await pickFile(page, fixture('coffee.jpg'))
  await pickFile(page, fixture('cat.png'))
  expect(consoleErrors).toEqual([])
})

test('an address that is changed counts from the next photo on', async ({ page, server, consoleErrors }) => {
  await openPage(page, server, '/demo/plain.html')
  await setAddress(page, 'wasmUrl', '/nowhere.wasm')
  const missing = await tryFile(page, 'coffee.jpg')
  expect(missing).toMatchObject({ code: 'engine-unavailable', field: 'wasmUrl', message: expect.stringContaining('as wasm-url') })
  await setAddress(page, 'wasmUrl', '/wasm/truecrop_bg.wasm')
  await pickFile(page, fixture('coffee.jpg'))
  expect(consoleErrors.splice(0).join()).toContain('as wasm-url')
})

test('a missing JPEG module is told by its own attribute', async ({ page, server, consoleErrors }) => {
  await openPage(page, server, '/demo/plain.html')
  await setAddress(page, 'jpegWasmUrl', '/nowhere.wasm')
  const missing = await tryFile(page, 'coffee.jpg')
  expect(missing).toMatchObject({ field: 'jpegWasmUrl', message: expect.stringContaining('as jpeg-wasm-url') })
  expect(consoleErrors.splice(0).join()).toContain('as jpeg-wasm-url')
})

test('a missing worker is told', async ({ page, server, consoleErrors }) => {
  await openPage(page, server, '/demo/plain.html')
  await setAddress(page, 'workerUrl', '/nowhere.js')
  expect(await tryFile(page, 'coffee.jpg')).toMatchObject({ code: 'engine-unavailable', field: 'workerUrl' })
  expect(consoleErrors.splice(0).join()).toContain('The worker could not be started')
})
