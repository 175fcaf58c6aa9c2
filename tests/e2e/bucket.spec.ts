// From the element into a bucket: presigned PUTs to a real server with the interface of S3 (moto), judged at level `source`, confirmed, served.
// `npm test -- bucket` installs moto and builds the server with its feature `cloud`; other runs skip this.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TrueCrop } from '../../www/element/true-crop.js'
import type * as Upload from '../../www/upload/index.js'
import { binary, expect, fixture, freePort, openHtml, pickFile, root, test as base, waitUntilReady } from './harness.js'

const moto = process.env.MOTO_SERVER ?? join(root, '.tools/moto/bin/moto_server')

interface Bucket {
  /** Of the server. */
  url: string
  /** Of the bucket. */
  bucket: string
}

const test = base.extend<object, { bucket: Bucket }>({
  bucket: [
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'truecrop-bucket-'))
      const [port, motoPort] = [await freePort(), await freePort()]
      const store = `http://127.0.0.1:${motoPort}`
      const children: ChildProcess[] = [spawn(moto, ['-H', '127.0.0.1', '-p', `${motoPort}`], { stdio: 'ignore' })]
      try {
        await expect
          .poll(
            () =>
              fetch(store).then(
                () => true,
                () => false,
              ),
            { timeout: 60_000 },
          )
          .toBe(true)
        expect((await fetch(`${store}/pictures`, { method: 'PUT' })).status).toBe(200)
        writeFileSync(join(folder, 'truecrop.toml'), "level = 'source'\n")
        const env = {
          ...process.env,
          AWS_ENDPOINT: store,
          AWS_ALLOW_HTTP: 'true',
          AWS_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
        }
        const args = ['serve', '--listen', `127.0.0.1:${port}`, '--store', 's3://pictures/app', '--www', join(root, 'dist')]
        const server = spawn(binary, [...args, '--config', join(folder, 'truecrop.toml')], {
          stdio: ['ignore', 'ignore', 'inherit'],
          env,
        })
        children.push(server)
        const url = `http://127.0.0.1:${port}`
        await waitUntilReady(url, server)
        await use({ url, bucket: `${store}/pictures` })
      } finally {
        for (const child of children) child.kill('SIGTERM')
        rmSync(folder, { recursive: true, force: true })
      }
    },
    { scope: 'worker', timeout: 120_000 },
  ],
})

/** On a page of its own: the demo's policy lets nobody connect elsewhere. */
const element = '<true-crop width="300" height="200" format="jpeg"></true-crop>'

// A page that the test itself answers counts as one of the internet, which may not ask this machine.
test.use({
  launchOptions: {
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-features=LocalNetworkAccessChecks'],
  },
})

test.skip(!process.env.TRUECROP_BUCKET, 'needs a server with the feature cloud and moto: npm test -- bucket')

const keys = async ({ bucket }: Bucket): Promise<string[]> => {
  const list = await (await fetch(`${bucket}?list-type=2`)).text()
  return [...list.matchAll(/<Key>([^<]+)/g)].map(([, key]) => key ?? '')
}

test('a photo and its crop go from the element into the bucket, and the crop is proved, kept and served', async ({
  page,
  bucket,
}) => {
  expect(existsSync(moto), moto).toBe(true)
  await openHtml(page, { url: bucket.url, store: '', scratch: '' }, element)
  await pickFile(page, fixture('phone-orientation-6.jpg'))
  const puts: string[] = []
  page.on('request', (request) => request.method() === 'PUT' && puts.push(new URL(request.url()).origin))
  const { images, told, picture } = await page.evaluate(async () => {
    const { upload } = (await import('/upload.js' as string)) as typeof Upload
    const element = document.querySelector('true-crop') as TrueCrop
    const told: Upload.Progress[] = []
    const result = element.result!
    const { images } = await upload({ avatar: { result, source: element.file } }, { onProgress: (p) => void told.push(p) })
    return { images, told, picture: Array.from(new Uint8Array(await result.outputs[0]!.arrayBuffer())) }
  })
  // The bucket has another origin, and what went through the server was small.
  expect(puts).toEqual([new URL(bucket.bucket).origin, new URL(bucket.bucket).origin])
  expect(images.avatar).toMatchObject({ state: 'pending', level: 'source' })
  expect(told.at(-1)).toMatchObject({ phase: 'checking', loaded: told.at(-1)!.total })
  const { id, outputs } = images.avatar!
  // The back end's part.
  const kept = await (await fetch(`${bucket.url}/v1/images/${id}/confirm`, { method: 'POST' })).json()
  expect(kept).toMatchObject({ state: 'kept' })
  const served = Buffer.from(await (await fetch(outputs[0]!.url)).arrayBuffer())
  const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  expect(sha(served)).toBe(sha(Buffer.from(picture)))
  const left = (await keys(bucket)).filter((key) => !/^app\/(intents|outcomes)\//.test(key))
  expect(left.sort()).toEqual([`app/kept/${id}/main.jpg`, `app/kept/${id}/manifest.json`, `app/kept/${id}/receipt.json`])
})

test('an upload that is given up, or that the store refuses, leaves nothing', async ({ page, bucket, consoleErrors }) => {
  await openHtml(page, { url: bucket.url, store: '', scratch: '' }, element)
  await pickFile(page, fixture('coffee.jpg'))
  const attempt = (abort: boolean) =>
    page.evaluate(async (abort) => {
      const { upload } = (await import('/upload.js' as string)) as typeof Upload
      const element = document.querySelector('true-crop') as TrueCrop
      const controller = new AbortController()
      if (abort) setTimeout(() => controller.abort(new Error('given up')), 1000)
      const picture = { result: element.result!, source: element.file }
      return upload({ main: picture }, { signal: controller.signal, retries: 1 }).catch((error: Upload.UploadError) => ({
        message: error.message,
        code: error.code,
        got: error.got,
      }))
    }, abort)
  // The store stalls with the photo, whose crop it has.
  const source = /-source\?/
  await page.route(source, () => undefined)
  expect(await attempt(true)).toMatchObject({ message: 'given up' })
  await page.unroute(source)
  const cors = { 'access-control-allow-origin': '*' }
  await page.route(source, (route) =>
    route.fulfill({
      status: 403,
      headers: cors,
      contentType: 'application/xml',
      body: '<Error><Code>AccessDenied</Code></Error>',
    }),
  )
  // The other part, which stalls, is ended with it.
  await page.route(/-0\?/, () => undefined)
  expect(await attempt(false)).toMatchObject({ code: 'refused-by-store', got: 'AccessDenied' })
  await page.unroute(source)
  await expect.poll(async () => (await keys(bucket)).filter((key) => key.includes('/incoming/'))).toEqual([])
  consoleErrors.length = 0
})
