// What the server takes is said when a file is chosen: a real server with small limits.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { binary, expect, fixture, freePort, openHtml, pickFile, root, test, waitUntilReady } from './harness.js'

let folder: string
let child: ChildProcess
let url: string

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'truecrop-limits-'))
  const config = join(folder, 'truecrop.toml')
  writeFileSync(config, 'allow_origins = ["*"]\n[limits]\nsource_bytes = 40000\nsource_pixels = 100000\nsource_side = 500\n')
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const args = ['serve', '--listen', `127.0.0.1:${port}`, '--store', join(folder, 'store'), '--config', config]
  child = spawn(binary, [...args, '--www', join(root, 'dist')], { stdio: ['ignore', 'ignore', 'inherit'] })
  await waitUntilReady(url, child)
})

test.afterAll(() => {
  child.kill('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
})

test('a file that the server would refuse is refused when it is chosen, in the person’s language', async ({ page, server }) => {
  await openHtml(
    page,
    { ...server, url },
    '<main lang="de"><true-crop width="64" height="64" limits="/v1/limits"></true-crop></main>',
  )
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname))
  const message = page.locator('true-crop [part=message]')
  const input = page.locator('true-crop input[type=file]')
  await input.setInputFiles(fixture('coffee.jpg'))
  await expect(message).toHaveText(/^Diese Datei hat .*\. Höchstens 40 kB sind möglich/)
  // Nothing of the engine was needed for that.
  expect(loaded.filter((path) => path.endsWith('.wasm'))).toEqual([])
  await input.setInputFiles(fixture('coffee-422.jpg'))
  await expect(message).toHaveText(/^Dieses Foto hat 0,135 Megapixel\. Höchstens 0,1 sind möglich/)
  await pickFile(page, fixture('cat.gif'))
  await expect(message).toBeHidden()
  expect(loaded.filter((path) => path === '/v1/limits')).toHaveLength(1)
})

test('where there is no answer, the photo is opened', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="64" height="64" limits="/nowhere"></true-crop>')
  await pickFile(page, fixture('coffee.jpg'))
})

test('after an answer that is none, the next file asks again', async ({ page, server }) => {
  await openHtml(page, { ...server, url }, '<true-crop width="64" height="64" limits="/v1/limits"></true-crop>')
  await page.route('**/v1/limits', (route) => route.fulfill({ status: 404, body: '{}' }), { times: 1 })
  const input = page.locator('true-crop input[type=file]')
  await pickFile(page, fixture('coffee.jpg'))
  await input.setInputFiles(fixture('coffee.jpg'))
  await expect(page.locator('true-crop [part=message]')).toHaveText(/At most 40 kB can be used/)
})

test('a server that does not answer holds nobody up', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop width="64" height="64" limits="/slow"></true-crop>')
  await page.route('**/slow', () => new Promise(() => undefined))
  await pickFile(page, fixture('coffee.jpg'))
})
