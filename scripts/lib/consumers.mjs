// Real applications that install the packed npm package: built with each bundler, opened in Chromium, digests compared.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { Refusal, root, run } from './run.mjs'
import { CONSUMERS, PICTURES } from './consumer-list.mjs'
import { TOOLS } from './consumer-tools.mjs'

const sources = join(root, 'tests/consumers/web')
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
  '.heic': 'image/heic',
}
const READY_MS = 60_000

/**
 * Builds and runs the consumers, all or the quick ones, with a packed package.
 *
 * @param {string} tarball the packed package
 * @param {Record<string, string>} wanted the digests that Node has made of the same pictures, by way
 * @param {{ quick?: boolean, only?: string[] }} which
 */
export async function runConsumers(tarball, wanted, { quick = false, only } = {}) {
  const { chromium } = await import('@playwright/test')
  const chosen = [...CONSUMERS, ...TOOLS].filter((consumer) => (only ? only.includes(consumer.name) : !quick || consumer.quick))
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  })
  const rows = []
  try {
    for (const consumer of chosen) {
      const start = Date.now()
      const row = await runConsumer(consumer, tarball, browser).catch((error) => ({ error: error.message }))
      const faults = row.error ? [row.error] : row.onlyBuilt ? [] : faultsOf(row, wanted)
      rows.push({ title: consumer.title, setting: consumer.setting ?? 'none', ...row, faults })
      const seconds = ((Date.now() - start) / 1000).toFixed(1)
      process.stdout.write(`  ${consumer.title}: ${faults.length > 0 ? faults.join('; ') : `${describe(row)}`}, ${seconds} s\n`)
    }
  } finally {
    await browser.close()
  }
  const broken = rows.filter(({ faults }) => faults.length > 0).map(({ title }) => title)
  if (broken.length > 0) throw new Refusal(`These consumers do not work: ${broken.join(', ')}.`)
  return rows
}

/** The table that docs/PACKAGE.md shows. What a development server loads says nothing about what people get. */
export function tableOf(rows) {
  const size = ({ title, scriptBytes }) =>
    scriptBytes === 0 || title.endsWith(', dev') ? 'not counted' : `${Math.round(scriptBytes / 1000)} KB`
  const shown = rows.filter(({ onlyBuilt }) => !onlyBuilt)
  const lines = shown.map((row) => `| ${row.title} | ${row.setting} | ${row.worker} | ${row.wasm} | ${size(row)} |`)
  return ['| with | setting | worker | wasm | scripts loaded |', '| --- | --- | --- | --- | --- |', ...lines].join('\n')
}

const describe = ({ onlyBuilt, worker, wasm, scriptBytes }) =>
  onlyBuilt ? 'as it should be' : `worker ${worker}, wasm ${wasm}, ${scriptBytes} bytes of scripts`

function faultsOf({ seen, workers, failed, errors }, wanted) {
  const faults = []
  if (seen.error) faults.push(seen.error)
  for (const [way, digest] of Object.entries(wanted)) {
    if (seen.digests[way] !== digest) faults.push(`${way}: ${seen.digests[way] ?? 'no picture'}, not ${digest}`)
  }
  if (!seen.oneError) faults.push('TruecropError is not the same in every entry')
  if (workers !== 1) faults.push(`${workers} workers`)
  if (failed.length > 0) faults.push(`failed: ${failed.join(' ')}`)
  if (errors.length > 0) faults.push(`console: ${errors.join(' ')}`)
  return faults
}

async function runConsumer(consumer, tarball, browser) {
  const project = await prepare(consumer, tarball)
  const context = { project, bin: (name) => join(project, 'node_modules/.bin', name), browser }
  for (const command of consumer.build ?? []) {
    await run(tool(project, command[0]), command.slice(1), {
      cwd: project,
      quiet: true,
      env: { NODE_ENV: '', NEXT_TELEMETRY_DISABLED: '1', NG_CLI_ANALYTICS: 'false', CI: '1', ...consumer.env },
    })
  }
  if (consumer.onlyBuilt) return { onlyBuilt: true }
  if (consumer.script) return runScript(consumer.script, project)
  if (consumer.serve) return withServer(consumer, context)
  const { path = '' } = consumer
  const out = join(project, consumer.out ?? 'out')
  for (const name of [...Object.keys(PICTURES), 'index.html']) {
    if (!existsSync(join(out, path, name))) cpSync(join(project, name), join(out, path, name))
  }
  const site = await serveFolder(out, consumer.csp && { 'content-security-policy': consumer.csp })
  const other = consumer.cdn
    ? await serveFolder(join(project, 'node_modules/truecrop'), { 'access-control-allow-origin': '*' })
    : undefined
  try {
    consumer.prepareOut?.(out, { cdn: other?.url, project })
    return await visit(browser, site.url + path)
  } finally {
    site.close()
    other?.close()
  }
}

/** Without a page: the script that Node runs in the stage `packages`, in another runtime. */
async function runScript([command, ...args], project) {
  cpSync(join(root, 'tests/consumers/npm/crop.js'), join(project, 'crop.mjs'))
  await run(command === 'node' ? process.execPath : tool(project, command), args, { cwd: project, quiet: true })
  const digests = JSON.parse(readFileSync(join(project, 'digests.json'), 'utf8'))
  return { seen: { digests, oneError: true }, workers: 1, failed: [], errors: [], worker: 'none', wasm: 'files', scriptBytes: 0 }
}

/** The repository's own tools do for what its devDependencies have. */
const tool = (project, name) =>
  [project, root].map((folder) => join(folder, 'node_modules/.bin', name)).find((path) => existsSync(path)) ?? name

/** A folder outside of the repository, with the tools that the consumer asks for. They are installed once. */
async function prepare(consumer, tarball) {
  const project = join(tmpdir(), 'truecrop-consumers', consumer.name)
  mkdirSync(project, { recursive: true })
  for (const name of readdirSync(project)) {
    if (!['node_modules', 'package.json', 'package-lock.json'].includes(name)) rmSync(join(project, name), { recursive: true })
  }
  const manifest = JSON.stringify({ name: 'consumer', private: true, dependencies: consumer.tools ?? {} })
  // Written last, so that an installation that was broken off is done again.
  const mark = join(project, 'node_modules/.installed')
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== manifest) {
    writeFileSync(join(project, 'package.json'), manifest)
    if (consumer.tools) await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: project, quiet: true })
    mkdirSync(join(project, 'node_modules'), { recursive: true })
    writeFileSync(mark, manifest)
  }
  const installed = join(project, 'node_modules/truecrop')
  for (const folder of [installed, ...['.vite', '.cache'].map((name) => join(project, 'node_modules', name))]) {
    rmSync(folder, { recursive: true, force: true })
  }
  mkdirSync(installed, { recursive: true })
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed], { quiet: true })
  for (const name of consumer.files ?? ['app.js', 'main.js', 'index.html'])
    cpSync(join(sources, name), join(project, name.split('/').pop()), { recursive: true })
  copyPictures(project)
  consumer.prepare?.(project, { cpSync, mkdirSync, writeFileSync, sources })
  return project
}

/** What is cropped, by the names that the pages know. */
export function copyPictures(folder) {
  for (const [name, fixture] of Object.entries(PICTURES)) cpSync(join(root, 'tests/fixtures', fixture), join(folder, name))
}

/** Runs a server of the consumer's own (a development server, say) while the page is visited. */
async function withServer({ serve, env, defines }, { project, browser }) {
  const { port, close } = await serveFolder(project)
  close()
  const [command, ...args] = serve(port)
  const child = spawn(tool(project, command), args, {
    cwd: project,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NG_CLI_ANALYTICS: 'false', ...env },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data))
  try {
    await answering(`http://127.0.0.1:${port}/`, child, () => said)
    const row = await visit(browser, `http://127.0.0.1:${port}/`)
    if (defines) await elementDefined(browser, `http://127.0.0.1:${port}/${defines}`)
    return row
  } finally {
    if (child.exitCode === null) {
      const gone = new Promise((resolve) => child.on('exit', resolve))
      process.kill(-child.pid, 'SIGTERM')
      await gone
    }
  }
}

async function answering(url, child, said) {
  const end = Date.now() + READY_MS
  while (Date.now() < end) {
    if (child.exitCode !== null) throw new Refusal(`the server ended: ${said()}`)
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Refusal(`the server did not answer: ${said()}`)
}

/** Opens a page that has no script of its own, and waits until its element is defined. */
async function elementDefined(browser, url) {
  const page = await browser.newPage()
  try {
    await page.goto(url)
    const defined = () => document.querySelector('true-crop')?.shadowRoot !== null
    await page.waitForFunction(defined, undefined, { timeout: READY_MS }).catch(() => {
      throw new Refusal(`the element is not defined at ${url}`)
    })
  } finally {
    await page.close()
  }
}

/** Opens the page and waits for what it saw. */
async function visit(browser, url) {
  const page = await browser.newPage()
  const [failed, errors, wasms, scripts, workers] = [[], [], [], [], []]
  const context = page.context()
  context.on('response', (response) => {
    const { pathname } = new URL(response.url())
    if (response.status() >= 400) failed.push(`${response.status()} ${pathname}`)
    else if (response.headers()['content-type'] === 'application/wasm') wasms.push(pathname)
    else if (/javascript/.test(response.headers()['content-type'] ?? ''))
      scripts.push(
        response.body().then(
          (body) => body.length,
          () => 0,
        ),
      )
  })
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('worker', (worker) => workers.push(worker.url()))
  try {
    await page.goto(url)
    await page
      .waitForFunction(() => window.seen !== undefined, undefined, { timeout: READY_MS })
      .catch(() => {
        throw new Refusal(`the page did not finish; console: ${errors.join(' ')}; failed: ${failed.join(' ')}`)
      })
    const seen = await page.evaluate(() => window.seen)
    const loaded = [...scripts]
    // Modules that few photos need, when the others have been counted.
    Object.assign(seen.digests, await page.evaluate(() => window.cropHeic()))
    const isBlob = workers[0]?.startsWith('blob:')
    const scriptBytes = (await Promise.all(loaded)).reduce((sum, bytes) => sum + bytes, 0)
    const worker = isBlob ? 'Blob' : 'file'
    return { seen, workers: workers.length, failed, errors, worker, wasm: wasms.length > 0 ? 'files' : 'in scripts', scriptBytes }
  } finally {
    await page.close()
  }
}

/** Serves a folder on a free port. */
export async function serveFolder(folder, headers = {}) {
  const server = createServer((request, answer) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname))
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path)
    if (!existsSync(file) || !extname(file)) return answer.writeHead(404, headers).end('not here')
    answer
      .writeHead(200, { ...headers, 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
      .end(readFileSync(file))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}/`, port, close }
}
