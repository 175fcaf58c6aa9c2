// A policy token guides the person, and what they make is what the server takes: a real server with a key.
import type { Page } from '@playwright/test'
import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TrueCrop } from '../../www/element/true-crop.js'
import {
  binary,
  expect,
  fixture,
  freePort,
  moveAndSettle,
  openHtml,
  pickFile,
  readResult,
  root,
  test,
  waitUntilReady,
  waitUntilSettled,
} from './harness.js'

const SECRET = 'a secret of at least thirty-two bytes, for tests'

let folder: string
let child: ChildProcess
let url: string

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'truecrop-policy-'))
  const config = join(folder, 'truecrop.toml')
  const policy = '[policy]\nmaxOutputBytes = 20000\n'
  writeFileSync(config, `${policy}[policy_tokens]\nrequire = true\n[[policy_tokens.keys]]\nid = "k"\nsecret = "${SECRET}"\n`)
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

/** A token for this policy, as an application signs it. */
function token(truecrop: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'HS256', typ: 'JWT', kid: 'k' })}.${part({ exp: Math.floor(Date.now() / 1000) + 600, truecrop })}`
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`
}

/** Sends what the element has made, with the token. */
const upload = (page: Page): Promise<{ status: number; body: unknown }> =>
  page.evaluate(async () => {
    const element = document.querySelector('true-crop') as TrueCrop
    const headers = { authorization: `Bearer ${element.policy}` }
    const response = await fetch('/v1/images', { method: 'POST', headers, body: element.result?.toFormData() as FormData })
    return { status: response.status, body: (await response.json()) as unknown }
  })

const zoomIn = (page: Page) =>
  moveAndSettle(page, () =>
    page.evaluate(() => {
      const element = document.querySelector('true-crop') as TrueCrop
      element.view = { zoom: 90, center: { x: 0.31, y: 0.62 }, rotate: 3, flip: 'none' }
    }),
  )

const cases: [name: string, attributes: string, policy: object, made: (crop: { width: number; height: number }) => void][] = [
  [
    'nobody can zoom in beyond the smallest crop',
    'width="96" height="54"',
    { minCropSide: 81 },
    ({ height }) => expect(height).toBeCloseTo(81, 1),
  ],
  [
    'nobody can zoom in beyond the largest enlargement, on either side',
    'width="97" height="61"',
    { maxUpscale: 1.7 },
    ({ width }) => expect(width).toBeCloseTo(97 / 1.7, 1),
  ],
  [
    'only shapes that are allowed are offered',
    'aspects="1:1 4:3 free"',
    { aspects: ['4:3'] },
    ({ width, height }) => expect(width / height).toBeCloseTo(4 / 3, 2),
  ],
  [
    'the server’s own policy counts too, where limits names it',
    'width="512" height="512" quality="99" limits="/v1/limits"',
    {},
    () => undefined,
  ],
  [
    'an open format becomes the one that is allowed, with its quality',
    'width="64" height="64"',
    { formats: ['jpeg'], maxQuality: 60 },
    () => undefined,
  ],
  [
    'a round picture is made where no other is allowed',
    'width="64" height="64"',
    { masks: ['ellipse'], formats: ['jpeg', 'webp'] },
    () => undefined,
  ],
]

for (const [name, attributes, policy, check] of cases) {
  test(`${name}: the server takes what is made`, async ({ page, server }) => {
    await openHtml(page, { ...server, url }, `<true-crop policy="${token(policy)}" ${attributes}></true-crop>`)
    await pickFile(page, fixture(name.startsWith('an open format') ? 'cat-alpha.png' : 'coffee.jpg'))
    if (!name.startsWith('the server')) await zoomIn(page)
    check((await readResult(page)).receipt.crop)
    expect(await upload(page)).toMatchObject({ status: 201 })
    const [made] = (await readResult(page)).receipt.outputs
    if (name.startsWith('a round')) expect(made).toMatchObject({ format: 'webp', mask: 'ellipse' })
    if (name.startsWith('only shapes')) await expect(page.locator('true-crop [part=aspects]')).toBeHidden()
  })
}

test('a file that the token does not allow is refused when it is chosen', async ({ page, server }) => {
  await openHtml(
    page,
    { ...server, url },
    `<true-crop width="64" height="64" policy="${token({ maxSourceBytes: 20000 })}"></true-crop>`,
  )
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('coffee.jpg'))
  await expect(page.locator('true-crop [part=message]')).toHaveText(/At most 20 kB/)
})

test('a photo with too few pixels for the token is said, with the pixels that it needs', async ({ page, server }) => {
  await openHtml(
    page,
    { ...server, url },
    `<true-crop width="900" height="900" policy="${token({ maxUpscale: 1.5 })}"></true-crop>`,
  )
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('coffee.jpg'))
  await expect(page.getByRole('alert')).toHaveText('At least 600 × 600 pixels of the photo are needed: this crop has fewer.')
})

test('what no person can mend is said to the page’s developer, and what is no token too', async ({
  page,
  server,
  consoleErrors,
}) => {
  await openHtml(
    page,
    { ...server, url },
    `<true-crop width="64" height="64" policy="${token({ sizes: ['512x512'] })}"></true-crop>`,
  )
  await pickFile(page, fixture('coffee.jpg'))
  await page.evaluate(() => ((document.querySelector('true-crop') as TrueCrop).policy = 'no.policy.here'))
  await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).open('sample.jpg'))
  await waitUntilSettled(page)
  const said = consoleErrors.splice(0)
  expect(said).toEqual([
    expect.stringContaining('main does not have a size of sizes'),
    expect.stringContaining('no policy in it'),
  ])
})
