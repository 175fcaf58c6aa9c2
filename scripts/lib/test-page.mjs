// A page of a project of its own, with the packed package in it: installed, bundled, opened in Chromium. What it has seen is in its `window.seen`.
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { serveFolder } from './consumers.mjs'
import { packPackage } from './npm-package.mjs'
import { Refusal, root, run } from './run.mjs'

const READY_MS = 60_000

/** The photos that such pages load, and the fixtures that they are. */
const PHOTOS = { 'photo.jpg': 'coffee.jpg', 'phone.jpg': 'phone-orientation-6.jpg' }

/**
 * Does `work` with a copy of a project of tests/consumers in which the packed package is installed.
 *
 * @template T
 * @param {string} name
 * @param {(folder: string) => Promise<T>} work
 */
export async function inProject(name, work) {
  const folder = mkdtempSync(join(tmpdir(), `truecrop-${name}-`))
  try {
    cpSync(join(root, 'tests/consumers', name), folder, { recursive: true })
    const tarball = await packPackage(folder)
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], { quiet: true, cwd: folder })
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Bundles main.js of a project, opens its page, and gives what it has seen.
 *
 * @param {string} folder
 * @param {{ define?: Record<string, string>, serve?: (folder: string) => Promise<{ url: string, close(): void }> }} options
 */
export async function seenBy(folder, { define = {}, serve = serveFolder } = {}) {
  const { build } = await import('esbuild')
  await build({
    absWorkingDir: folder,
    entryPoints: ['main.js'],
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: 'out',
    define: { 'process.env.NODE_ENV': '"production"', ...define },
    logLevel: 'error',
  })
  cpSync(join(folder, 'index.html'), join(folder, 'out/index.html'))
  for (const [to, from] of Object.entries(PHOTOS)) cpSync(join(root, 'tests/fixtures', from), join(folder, 'out', to))
  return visit(join(folder, 'out'), serve)
}

async function visit(folder, serve) {
  const { chromium } = await import('@playwright/test')
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  })
  const site = await serve(folder)
  try {
    const page = await browser.newPage()
    const errors = []
    page.on('response', (response) => response.status() >= 400 && errors.push(`${response.status()} ${response.url()}`))
    page.on('pageerror', (error) => errors.push(String(error)))
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && errors.push(message.text()))
    await page.goto(site.url)
    await page
      .waitForFunction(() => window.seen !== undefined, undefined, { timeout: READY_MS })
      .catch(() => {
        throw new Refusal(`The page did not finish: ${errors.join(' ')}`)
      })
    return { rows: await page.evaluate(() => window.seen), errors }
  } finally {
    site.close()
    await browser.close()
  }
}

/** What is wrong with a row: what must be equal, and the digest of its picture, if it has one. */
export async function faultOf({ error, equal, recipe, digest }) {
  if (error) return error
  const different = equal.find(([seen, wanted]) => !isDeepStrictEqual(seen, wanted))
  if (different) return `${JSON.stringify(different[0])}, not ${JSON.stringify(different[1])}`
  const wanted = recipe && (await digestInNode('photo.jpg', recipe))
  return digest === wanted ? undefined : `the page made ${digest}, and Node ${wanted}`
}

/** Prints what became of each row, and refuses those that are wrong, and what the console should not say. */
export async function judge({ rows, errors }, least, expected = /^$/) {
  const faults = []
  for (const row of rows) {
    const wrong = await faultOf(row)
    process.stdout.write(`  ${row.name}: ${wrong ?? 'as it should be'}\n`)
    if (wrong) faults.push(row.name)
  }
  const strange = errors.filter((text) => !expected.test(text))
  if (strange.length > 0) throw new Refusal(`The console says: ${strange.join(' ')}`)
  if (faults.length > 0 || rows.length < least) throw new Refusal(`These do not work: ${faults.join(', ')}.`)
}

/** The digest of the first output that Node makes of a recipe. */
export async function digestInNode(photo, recipe) {
  const { crop } = await import(join(root, 'dist/node.js'))
  const { output } = await crop(join(root, 'tests/fixtures', PHOTOS[photo]), recipe)
  return createHash('sha256').update(output.bytes).digest('hex')
}
