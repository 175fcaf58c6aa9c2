// Each application of examples/: installed with the packed package, started by its own command, used in Chromium.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.mjs'
import { packPackage } from './npm-package.mjs'
import { plainApplication, reactApplication } from './readme-applications.mjs'
import { Refusal, root, run } from './run.mjs'

/** Some build themselves first. */
const READY_MS = 300_000
const ACTION_MS = 60_000
const PHOTO = join(root, 'tests/fixtures/coffee.jpg')
/** The native server is the one that is built here. */
const ENV = {
  PATH: `${join(root, 'target/release')}:${process.env.PATH}`,
  NEXT_TELEMETRY_DISABLED: '1',
  NG_CLI_ANALYTICS: 'false',
  CI: '1',
}
const REFUSED = { aspect: [120, 90], status: 422, code: 'policy-violation' }

const ONE_AVATAR = { route: 'avatar', pictures: ['avatar'] }

/** By the example's folder: whether the cropper, in the page, shows the photo. */
const CROPPERS = {
  cropperjs: () => document.querySelector('.cropper-face') !== null,
  'cropperjs-2': async () => (await document.querySelector('cropper-image').$ready()).naturalWidth > 0,
  croppie: () => document.querySelector('.cr-image')?.naturalWidth > 0,
  'react-advanced-cropper': () => document.querySelector('.advanced-cropper-rectangle-stencil__draggable-area') !== null,
  'react-easy-crop': () => document.querySelector('[data-testid=cropper]') !== null,
  'react-image-crop': () => document.querySelector('.ReactCrop__crop-selection') !== null,
}

/** By its folder: the route that the form is sent to, its pictures, and what a person does there. */
const EXAMPLES = {
  express: { route: 'avatar', pictures: ['avatar'], fill: byElements, saved: /"nickname":"Ann"/ },
  react: { route: 'profile', pictures: ['avatar', 'cover'], fill: byElements },
  ...Object.fromEntries(Object.entries(CROPPERS).map(([name, shows]) => [name, { ...ONE_AVATAR, fill: byCropper(shows) }])),
  gutenberg: { route: 'media', pictures: ['media'], fill: byCropper(() => true) },
  next: { route: 'avatar', pictures: ['avatar'], fill: byElements },
  vue: { route: 'avatar', pictures: ['avatar'], fill: byElements },
  sveltekit: { route: '', pictures: ['avatar'], fill: byElements, answersPages: true },
  angular: { route: 'avatar', pictures: ['avatar'], fill: byElements },
  uppy: { route: 'avatar', pictures: ['avatar'], fill: byUploader },
  'uppy-s3': {
    route: 'v1/uploads',
    pictures: ['avatar'],
    fill: byDashboard,
    fetched: true,
    refusal: announcement,
    needs: 'bucket',
    // The CORS rule of moto exposes no ETag.
    expected: /unsafe header "etag"/,
  },
  filepond: { route: 'v1/images', pictures: ['avatar'], fill: byFilePond, place: inPending },
}

const OF_THE_README = { route: 'avatar', pictures: ['avatar'], fill: byElements, place: beside }

/** The blocks of the npm page, put into files. */
const README = {
  'readme-plain': { ...OF_THE_README, make: plainApplication },
  'readme-react': { ...OF_THE_README, make: reactApplication },
}

/** The examples that need nothing else; `EXAMPLES=react,vue` runs these only. */
export async function examplesWork() {
  const names = Object.keys({ ...EXAMPLES, ...README }).filter((name) => !EXAMPLES[name]?.needs)
  await runExamples(process.env.EXAMPLES?.split(',') ?? names, {})
}

/** Those that need a bucket: `env` says where it is, and has the binary `truecrop` that can use it. */
export async function examplesWithBucket(env) {
  await runExamples(
    Object.keys(EXAMPLES).filter((name) => EXAMPLES[name].needs === 'bucket'),
    env,
  )
}

async function runExamples(names, env) {
  const all = { ...EXAMPLES, ...README }
  const unknown = names.filter((name) => !Object.hasOwn(all, name))
  const untested = readdirSync(join(root, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !Object.hasOwn(EXAMPLES, entry.name))
    .map(({ name }) => name)
  if (unknown.length + untested.length > 0)
    throw new Refusal(
      `There are no examples ${unknown.join(', ') || '(none)'}, and no tests of ${untested.join(', ') || '(none)'}.`,
    )
  const folder = mkdtempSync(join(tmpdir(), 'truecrop-examples-'))
  const { chromium } = await import('@playwright/test')
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  const faults = []
  try {
    const tarball = await packPackage(folder)
    for (const name of names) {
      const fault = await tryExample(name, all[name], { tarball, browser, env }).catch((error) => error.message)
      process.stdout.write(`  ${name}: ${fault ?? 'as it should be'}\n`)
      if (fault) faults.push(name)
    }
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
  if (faults.length > 0) throw new Refusal(`These examples do not work: ${faults.join(', ')}.`)
}

/** Installs an example in a folder of its own, starts it, uses it, and ends it. */
async function tryExample(name, example, { tarball, browser, env }) {
  const folder = await installed(name, tarball, example.make)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const child = spawn('npm', ['start'], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...ENV, ...env, PORT: String(port) },
  })
  const page = await browser.newPage()
  page.setDefaultTimeout(ACTION_MS)
  try {
    await answering(url, child)
    await use(page, url, example)
    if (example.fetched) await fetchPicture(page, url, join(folder, 'uploads'))
    await checkStored(join(folder, 'uploads'), example)
    await checkRefusal(url, example)
  } finally {
    await page.close()
    if (child.exitCode === null) process.kill(-child.pid)
  }
}

/** What an example installs is kept for the next time; the package is always new. */
async function installed(name, tarball, make) {
  const folder = join(tmpdir(), 'truecrop-examples', name)
  mkdirSync(folder, { recursive: true })
  for (const entry of readdirSync(folder)) {
    if (entry !== 'node_modules') rmSync(join(folder, entry), { recursive: true })
  }
  const isOurs = (path) => !/node_modules|\/(dist|uploads|avatars|\.next|\.svelte-kit)$/.test(path)
  if (make) make(folder)
  else cpSync(join(root, 'examples', name), folder, { recursive: true, filter: isOurs })
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], { quiet: true, cwd: folder })
  return folder
}

/** Waits until the example answers; what it says is told if it does not. */
async function answering(url, child) {
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data))
  for (const end = Date.now() + READY_MS; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 200))) {
    if (child.exitCode !== null) throw new Refusal(`The example ended: ${said.slice(-2000)}`)
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
  }
  throw new Refusal(`The example did not start: ${said.slice(-2000)}`)
}

/** Chooses a photo, saves, and waits for the page that says so. */
async function use(page, url, { fill, saved = 'Saved', expected = /^$/ }) {
  const errors = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    // An answer in JSON is a page, too: Chromium asks for its icon.
    const isIcon = message.location().url.endsWith('/favicon.ico')
    if (message.type() === 'error' && !isIcon && !expected.test(message.text())) errors.push(message.text())
  })
  await page.goto(url)
  await fill(page)
  const button = page.getByRole('button', { name: 'Save' })
  if ((await button.count()) > 0) await button.click()
  await page.getByText(saved).first().waitFor()
  if (errors.length > 0) throw new Refusal(`The page says: ${errors.join(' ')}`)
}

async function byElements(page) {
  await page.waitForFunction(() => customElements.get('true-crop') !== undefined)
  const nickname = page.getByLabel('Nickname')
  if ((await nickname.count()) > 0) await nickname.fill('Ann')
  for (const input of await page.locator('true-crop input[type=file]').all()) await input.setInputFiles(PHOTO)
  await haveResults(page)
}

function byCropper(shows) {
  return async (page) => {
    await page.getByLabel('Photo').setInputFiles(PHOTO)
    await page.waitForFunction(shows)
  }
}

async function byUploader(page) {
  await page.getByLabel('Photo', { exact: true }).first().setInputFiles(PHOTO)
  await haveResults(page)
}

/** Uppy's Dashboard has hidden inputs, and a button of its own. */
async function byDashboard(page) {
  await page.locator('.uppy-Dashboard-input').first().setInputFiles(PHOTO)
  await page.getByRole('button', { name: 'Upload 1 file' }).click()
}

/** FilePond sends what it gets at once. */
async function byFilePond(page) {
  await page.locator('input[type=file]').setInputFiles(PHOTO)
}

const haveResults = (page) =>
  page.waitForFunction(() => [...document.querySelectorAll('true-crop')].every(({ result }) => result !== undefined))

/** Where a picture and its receipt are. */
const byName = (name) => [`${name}.jpg`, `${name}.json`]

/** In the application's own folder. */
function beside(name) {
  return [`../${name}.jpg`, `../${name}.json`]
}

/** In the store of truecrop's own server. */
function inPending(_, folder) {
  const [id] = readdirSync(join(folder, 'pending'))
  return ['main.jpg', 'receipt.json'].map((name) => join('pending', id, name))
}

/** The picture that the page shows in the end, and its receipt, as the server gives them. */
async function fetchPicture(page, url, folder) {
  const picture = new URL(await page.getByAltText('Your avatar').getAttribute('src'), url)
  mkdirSync(folder, { recursive: true })
  for (const [address, name] of [
    [picture, 'avatar.jpg'],
    [new URL('receipt', picture), 'avatar.json'],
  ]) {
    const answer = await fetch(address)
    if (!answer.ok) throw new Refusal(`${address} was answered ${answer.status}.`)
    writeFileSync(join(folder, name), Buffer.from(await answer.arrayBuffer()))
  }
}

/** What was stored is proved by its source, and is what Node makes of its receipt. */
async function checkStored(folder, { pictures, place = byName }) {
  const { crop, verify } = await import(join(root, 'dist/node.js'))
  const digest = (bytes) => createHash('sha256').update(bytes).digest('hex')
  for (const name of pictures) {
    const [stored, receipt] = place(name, folder).map((path) => readFileSync(join(folder, path)))
    const { level } = await verify({ receipt, outputs: stored, source: PHOTO })
    const { crop: rectangle, view, outputs } = JSON.parse(receipt)
    const [{ name: output, width, height, format, quality }] = outputs
    const turn = { rotate: view.rotate, flip: view.flip }
    const recipe = { truecrop: 1, crop: rectangle, ...turn, outputs: [{ name: output, width, height, format, quality }] }
    const made = await crop(PHOTO, recipe)
    if (level !== 'source' || digest(stored) !== digest(made.output.bytes))
      throw new Refusal(`The stored ${name} is not what Node makes.`)
  }
}

/** A form whose pictures the example's policy does not allow is refused. */
async function checkRefusal(url, { route, pictures, answersPages, refusal = form }) {
  const { crop } = await import(join(root, 'dist/node.js'))
  const [width, height] = REFUSED.aspect
  const body = refusal(await crop(PHOTO, { width, height }), pictures)
  const answer = await fetch(url + route, { method: 'POST', body, headers: { origin: new URL(url).origin, accept: 'text/html' } })
  const { code } = answersPages ? REFUSED : await answer.json()
  if (answer.status !== REFUSED.status || code !== REFUSED.code)
    throw new Refusal(`A wrong shape was answered ${answer.status}, ${code}.`)
}

function form(made, pictures) {
  const body = new FormData()
  for (const name of pictures) made.toFormData(name).forEach((value, key) => body.append(key, value))
  return body
}

/** Of a server with a bucket: what it is told before anything is sent. */
function announcement({ receipt }, pictures) {
  const images = Object.fromEntries(pictures.map((name) => [name, { receipt: JSON.parse(receipt) }]))
  return JSON.stringify({ images })
}
