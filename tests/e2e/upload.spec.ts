// truecrop/upload against a server whose store is a folder: by a form, with the photo where it is sent too, or in parts.
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'
import type * as Upload from '../../www/upload/index.js'
import { expect, filesIn, fixture, openPage, pickFile, test } from './harness.js'

/** Uploads what the element made; gives the answer or the error, and what progress was told. */
async function upload(page: Page, options: Upload.UploadOptions & { source?: boolean; spoiled?: boolean; abortAfter?: number }) {
  return page.evaluate(async ({ source, spoiled, abortAfter, ...options }) => {
    const { upload, UploadError } = (await import('/upload.js' as string)) as typeof Upload
    const element = document.querySelector('true-crop') as TrueCrop
    const { receipt, outputs, names } = element.result!
    const bytes = new Uint8Array(await outputs[0]!.arrayBuffer())
    if (spoiled) bytes[300]! ^= 1
    const result = { receipt, names, outputs: [new File([bytes], 'x', { type: outputs[0]!.type })] }
    const told: Upload.Progress[] = []
    const abort = new AbortController()
    const onProgress = (progress: Upload.Progress): void => void told.push(progress)
    if (abortAfter !== undefined) setTimeout(() => abort.abort(new Error('given up')), abortAfter)
    try {
      const picture = { result, source: source ? element.file : undefined }
      const { images } = await upload({ main: picture }, { ...options, onProgress, signal: abort.signal })
      return { image: images.main, told }
    } catch (error) {
      const { name, code, status, picture, message } = error as Upload.UploadError
      return { error: { name, code, status, picture, message, typed: error instanceof UploadError }, told }
    }
  }, options)
}

test('what the element made goes as a form where the store is a folder and it is short', async ({ page, server }) => {
  // Other files may have used this server before.
  const manifests = () => filesIn(server.store).filter((name) => name.endsWith('manifest.json')).length
  const before = manifests()
  await openPage(page, server)
  await pickFile(page, fixture('phone-orientation-6.jpg'))
  const asked: string[] = []
  page.on('request', (request) => request.url().includes('/v1/') && asked.push(new URL(request.url()).pathname))
  const plain = await upload(page, {})
  expect(plain.image).toMatchObject({ state: 'pending', level: 'result' })
  expect(asked).toEqual(['/v1/limits', '/v1/images'])
  expect(plain.told.at(-1)).toMatchObject({ phase: 'checking', loaded: plain.told.at(-1)!.total })
  expect(plain.told.map(({ loaded }) => loaded)).toEqual(plain.told.map(({ loaded }) => loaded).sort((a, b) => a - b))

  const proved = await upload(page, { way: 'form', source: true, endpoint: server.url })
  expect(proved.image).toMatchObject({ state: 'pending', level: 'source' })
  const served = await page.request.get(proved.image!.outputs[0]!.url)
  expect(served.status()).toBe(200)
  expect(manifests()).toBe(before + 2)
})

test('refusals are typed, and only what may help is tried again', async ({ page, server, consoleErrors }) => {
  await openPage(page, server)
  await pickFile(page, fixture('coffee.jpg'))
  const refused = await upload(page, { way: 'form', spoiled: true })
  expect(refused.error).toMatchObject({ name: 'UploadError', code: 'digest-mismatch', status: 422, picture: 'main', typed: true })
  const wanted = await upload(page, { way: 'bucket', source: true })
  expect(wanted.image).toMatchObject({ state: 'pending', level: 'source' })

  // A server that is busy once, and a network that fails once.
  let failures = 2
  await page.route('**/v1/images', async (route) => {
    failures -= 1
    if (failures === 1) return route.fulfill({ status: 503, headers: { 'retry-after': '0' }, body: '' })
    if (failures === 0) return route.abort()
    return route.continue()
  })
  const late = await upload(page, { way: 'form' })
  expect(late.image).toMatchObject({ state: 'pending' })
  failures = 1
  const never = await upload(page, { way: 'form', retries: 0 })
  expect(never.error).toMatchObject({ code: 'unreachable', status: 0 })
  // The browser's own lines about what the test has broken.
  consoleErrors.length = 0
})

test('what comes in parts goes on where a lost connection has left it', async ({ page, server, consoleErrors }) => {
  await openPage(page, server)
  await pickFile(page, fixture('coffee.jpg'))
  const photo = readFileSync(fixture('coffee.jpg'))
  const half = photo.length >> 1
  const asked: string[] = []
  await page.route('**/v1/tus/*/0-source', async (route) => {
    const request = route.request()
    const headers = request.headers()
    asked.push(`${request.method()} ${headers['upload-offset'] ?? ''}`)
    if (asked.length > 1) return route.continue()
    // Half of it arrives before the connection is lost.
    const kept = await fetch(request.url(), {
      method: 'PATCH',
      headers: { 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
      body: photo.subarray(0, half),
    })
    expect(kept.status).toBe(204)
    return route.abort()
  })
  const sent = await upload(page, { way: 'bucket', source: true })
  expect(sent.image).toMatchObject({ state: 'pending', level: 'source' })
  expect(asked).toEqual(['PATCH 0', 'HEAD ', `PATCH ${half}`])
  expect(sent.told.at(-1)).toMatchObject({ phase: 'checking', loaded: sent.told.at(-1)!.total })

  const incoming = () => filesIn(server.store).filter((name) => name.startsWith('incoming'))
  const spoiled = await upload(page, { way: 'bucket', source: true, spoiled: true })
  expect(spoiled.error).toMatchObject({ code: 'outputs-mismatch', status: 422, picture: 'main', typed: true })
  await expect.poll(incoming).toEqual([])
  consoleErrors.length = 0
})

test('of an upload that has ended the reason is told, though the answer to HEAD has none', async ({
  page,
  server,
  consoleErrors,
}) => {
  await openPage(page, server)
  await pickFile(page, fixture('coffee.jpg'))
  await page.route('**/v1/tus/*/0-source', async (route) => {
    const request = route.request()
    if (request.method() !== 'PATCH') return route.continue()
    // It is given up elsewhere, while the connection is lost.
    const id = new URL(request.url()).pathname.split('/')[3]
    expect((await fetch(`${server.url}/v1/uploads/${id}`, { method: 'DELETE' })).status).toBe(204)
    return route.abort()
  })
  const ended = await upload(page, { way: 'bucket', source: true })
  expect(ended.error).toMatchObject({ code: 'upload-cancelled', status: 410, typed: true })
  consoleErrors.length = 0
})

for (const [title, more, sources] of [
  ['is sent', { source: true, sendSource: 'asked' }, 1],
  ['that was not given is asked for at an absolute address', {}, 0],
] as const) {
  test(`the photo of an audited upload ${title}`, async ({ page, server }) => {
    await openPage(page, server)
    await pickFile(page, fixture('coffee.jpg'))
    const asked: string[] = []
    await page.route('**/v1/images', async (route) => {
      expect(route.request().postDataBuffer()?.includes('main.source')).toBe(false)
      const response = await route.fetch()
      const answer = (await response.json()) as { images: { main: { id: string; audit?: object } } }
      const { main } = answer.images
      main.audit = { state: 'waiting', deadline: '2099-01-01T00:00:00Z', source: `/v1/images/${main.id}/source` }
      await route.fulfill({ response, json: answer })
    })
    await page.route('**/v1/images/*/source', async (route) => {
      asked.push(route.request().method())
      const passed = { state: 'passed', deadline: '2099-01-01T00:00:00Z', source: '/v1/images/x/source' }
      const json = { id: 'x', state: 'pending', level: 'source', audit: passed, receipt: { url: '/r', digest: '' }, outputs: [] }
      await route.fulfill({ json })
    })
    const sent = await upload(page, { way: 'form', ...more })
    expect(asked).toEqual(Array.from({ length: sources }, () => 'POST'))
    expect(sent.image?.audit).toMatchObject({ state: sources ? 'passed' : 'waiting' })
    expect(sent.image?.audit?.source).toMatch(/^http:/)
  })
}

test('an upload that is given up ends with the reason', async ({ page, server }) => {
  await openPage(page, server)
  await pickFile(page, fixture('coffee.jpg'))
  // The server never answers.
  await page.route('**/v1/images', () => undefined)
  const given = await upload(page, { way: 'form', abortAfter: 200 })
  expect(given.error).toMatchObject({ message: 'given up', typed: false })
  // Also where no other try is left.
  const last = await upload(page, { way: 'form', abortAfter: 200, retries: 0 })
  expect(last.error).toMatchObject({ message: 'given up', typed: false })
  // Between two tries, too.
  await page.unroute('**/v1/images')
  await page.route('**/v1/images', (route) => route.fulfill({ status: 429, headers: { 'retry-after': '600' }, body: '' }))
  const waiting = await upload(page, { way: 'form', abortAfter: 200 })
  expect(waiting.error).toMatchObject({ message: 'given up', typed: false })
})
