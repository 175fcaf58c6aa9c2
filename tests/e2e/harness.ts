/** What the end-to-end tests share: the real server with a new store, a page that records its console errors, helpers. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Page, expect, test as base } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'

export const root = fileURLToPath(new URL('../../', import.meta.url))
export const binary = process.env.TRUECROP_BIN ?? join(root, 'target/release/truecrop')

/** A fixture's path. */
export const fixture = (name: string): string => join(root, 'tests/fixtures', name)

/** Runs the command line and returns its standard output. */
export function runCli(...args: string[]): string {
  return execFileSync(binary, args, { encoding: 'utf8', cwd: root })
}

export interface Server {
  url: string
  /** The store's folder. */
  store: string
  /** A folder for the files that tests make. */
  scratch: string
}

/** The real binary on a free port, with a store of its own. Stopped and deleted at the end of each test file. */
export const test = base.extend<{ consoleErrors: string[] }, { server: Server }>({
  server: [
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'truecrop-e2e-'))
      const port = await freePort()
      const store = join(folder, 'store')
      const args = ['serve', '--listen', `127.0.0.1:${port}`, '--store', store, '--www', join(root, 'dist')]
      const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'inherit'] })
      try {
        const url = `http://127.0.0.1:${port}`
        await waitUntilReady(url, child)
        await use({ url, store, scratch: folder })
      } finally {
        child.kill('SIGTERM')
        rmSync(folder, { recursive: true, force: true })
      }
    },
    { scope: 'worker' },
  ],
  // Every test also checks that the page's console has no errors.
  consoleErrors: [
    async ({ page }, use) => {
      const consoleErrors: string[] = []
      page.on('console', (message) => ['error', 'warning'].includes(message.type()) && consoleErrors.push(message.text()))
      page.on('pageerror', (error) => consoleErrors.push(String(error)))
      await use(consoleErrors)
      // For a refused upload the browser itself writes a line to the console. That is expected.
      expect(consoleErrors.filter((line) => !/status of 4\d\d/.test(line))).toEqual([])
    },
    { auto: true },
  ],
})

export { expect }

export async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

export async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    if (
      await fetch(`${url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the server did not answer within 10 seconds')
}

/** The stored files below a folder of the store, as paths relative to it. */
export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile())
}

export const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The digests of all stored files, to find an upload by its bytes wherever the server has put it. */
export function digestsIn(folder: string): Set<string> {
  return new Set(filesIn(folder).map((name) => sha(readFileSync(join(folder, name)))))
}

/** Opens a page with the element and waits until that is defined. */
export async function openPage(page: Page, server: Server, path = '/demo/'): Promise<void> {
  await page.goto(server.url + path)
  await page.waitForFunction(() => customElements.get('true-crop') !== undefined)
}

/** Opens a page of the test's own with the element, as if it lay beside the demo. */
export async function openHtml(page: Page, server: Server, body: string, attributes = ''): Promise<void> {
  const html = `<!doctype html><html lang="en" ${attributes}><meta charset="utf-8"><title>Test</title>
    <link rel="icon" href="icon.svg"><script type="module" src="../element.js"></script><body>${body}</body></html>`
  await page.route('**/demo/test.html', (route) => route.fulfill({ contentType: 'text/html', body: html }))
  await openPage(page, server, '/demo/test.html')
}

/** Picks a file in the element and waits for the exact picture. */
export async function pickFile(page: Page, file: string): Promise<void> {
  await page.locator('true-crop input[type=file]').setInputFiles(file)
  await waitUntilSettled(page)
}

/** Waits until the exact picture of what is shown is rendered. Throws the element's message when that fails. */
export async function waitUntilSettled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => ['ready', 'failed'].includes((document.querySelector('true-crop') as TrueCrop).state),
    undefined,
    { timeout: 60_000 },
  )
  const message = await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).validationMessage)
  if (message) throw new Error(message)
}

/** Moves the photo and waits for the exact picture. */
export async function moveAndSettle(page: Page, run: () => Promise<unknown>): Promise<void> {
  await run()
  await waitUntilSettled(page)
}

export interface ElementResult {
  receipt: {
    view: { zoom: number }
    crop: { x: number; y: number; width: number; height: number }
    source: Record<string, unknown>
    outputs: Record<string, unknown>[]
  }
  bytes: Buffer
}

/** The element's result: the receipt, and the bytes of the first output. */
export async function readResult(page: Page): Promise<ElementResult> {
  const { receipt, bytes } = await page.evaluate(async () => {
    const { result } = document.querySelector('true-crop') as TrueCrop
    const bytes = new Uint8Array(await (result?.outputs[0] as File).arrayBuffer())
    return { receipt: result?.receipt ?? '', bytes: Array.from(bytes) }
  })
  return { receipt: JSON.parse(receipt) as ElementResult['receipt'], bytes: Buffer.from(bytes) }
}

/** Uploads by the demo's button and returns the id that the server gave. */
export async function upload(page: Page): Promise<string> {
  const [response] = await Promise.all([
    page.waitForResponse((r) => r.url().endsWith('/v1/images')),
    page.locator('#upload').click(),
  ])
  expect(response.status(), await response.text()).toBe(201)
  await expect(page.locator('#verdict-title')).toHaveText('Verified and stored')
  return ((await response.json()) as { images: { main: { id: string } } }).images.main.id
}

/** An 8K JPEG, made at run time because it is too large for the repository. */
export function eightK(folder: string): string {
  const path = join(folder, '8k.jpg')
  runCli('crop', fixture('coffee.jpg'), '--size', '7680x4320', '--format', 'jpeg', '-o', path)
  return path
}
