// The element's main path in Firefox and WebKitGTK, against the real server, beside the same in Chromium: the same steps make the same bytes.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resultOf, startFirefox, startWebkit } from './browsers.mjs'
import { Refusal, root, run } from './run.mjs'
import { chromium } from './setup.mjs'

const BINARY = process.env.TRUECROP_BIN ?? join(root, 'target/release/truecrop')
const PAGE = '/tests/browsers/page.html'
const SOURCE = join(root, 'tests/fixtures/phone-orientation-6.jpg')
const PARTS = ['title', 'avatar.receipt', 'avatar']

/** How Chromium is started on a page. */
const startChromium = (url, profile) => [
  chromium(),
  ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`, url],
]

export const mainPathInFirefox = () => mainPathIn('Firefox', startFirefox())
export const mainPathInWebkit = () => mainPathIn('WebKitGTK', startWebkit)

async function mainPathIn(title, command) {
  const folder = mkdtempSync(join(tmpdir(), 'truecrop-main-path-'))
  const store = join(folder, 'store')
  const port = await freePort()
  const server = spawn(BINARY, ['serve', '--listen', `127.0.0.1:${port}`, '--store', store], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    await ready(port)
    const other = (incoming, answer) => incoming.url.startsWith('/v1/') && forward(port, incoming, answer)
    const chromiums = await one('Chromium', startChromium, other, store, folder)
    const its = await one(title, command, other, store, folder)
    compare(title, chromiums.steps, its.steps)
  } finally {
    server.kill('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The main path in one browser, and what has to be true of it by itself. */
async function one(title, command, other, store, folder) {
  const { result, seconds } = await resultOf(title, command, PAGE, other)
  const refuse = (what) => {
    throw new Refusal(`${title}: ${what}`)
  }
  if (result.failed) refuse(`the main path failed: ${result.failed}\n${result.faults.join('\n')}`)
  if (result.faults.length) refuse(`the console says ${result.faults.join('\n')}`)
  if (result.parts.join() !== PARTS.join()) refuse(`the form has the parts ${result.parts}`)
  if (result.answer.status !== 201) refuse(`the server refused the upload: ${JSON.stringify(result.answer)}`)
  const stored = readdirSync(store, { recursive: true, encoding: 'utf8' }).map((name) => join(store, name))
  const file = stored.find((path) => statSync(path).isFile() && sha(readFileSync(path)) === result.digest)
  if (!file) refuse('the picture of the form is not in the store')
  // With the source, natively: the picture is what the engine makes of the receipt.
  const receipt = join(folder, `${title}.json`)
  writeFileSync(receipt, result.receipt)
  await run(BINARY, ['verify', '--receipt', receipt, '--output', `main=${file}`, '--source', SOURCE], { quiet: true })
  const steps = Object.entries(result.steps)
  const still = steps.filter(([, { digest }], i) => i > 0 && digest === steps[i - 1][1].digest)
  if (still.length) refuse(`nothing has changed: ${still.map(([name]) => name)}`)
  process.stdout.write(`  ${title}: ${steps.length} steps, ${seconds} s, ${result.agent}\n`)
  return result
}

function compare(title, expected, got) {
  const wrong = Object.entries(expected).filter(([name, step]) => JSON.stringify(got[name]) !== JSON.stringify(step))
  const lines = wrong.map(
    ([name, step]) => `${name}\n  Chromium ${JSON.stringify(step)}\n  ${title} ${JSON.stringify(got[name])}`,
  )
  if (lines.length) throw new Refusal(`${title} differs from Chromium:\n${lines.join('\n')}`)
}

const sha = (bytes) => createHash('sha256').update(bytes).digest('hex')

/** Passes a request on to the server. */
function forward(port, incoming, answer) {
  const { method, headers, url: path } = incoming
  const outgoing = request({ host: '127.0.0.1', port, method, headers, path }, (response) => {
    answer.writeHead(response.statusCode, response.headers)
    response.pipe(answer)
  })
  outgoing.on('error', () => answer.writeHead(502).end())
  incoming.pipe(outgoing)
  return true
}

async function ready(port) {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Refusal('The server did not answer within 10 seconds.')
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
