// The goldens in browsers that no driver is needed for: each opens a page, and the page tells its results.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, normalize } from 'node:path'
import { Refusal, ask, root } from './run.mjs'
import { packages } from './setup.mjs'

const TYPES = { html: 'text/html', js: 'text/javascript', json: 'application/json', wasm: 'application/wasm' }
const PATIENCE = 300_000
const MINI_BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser'

/** Firefox, from Debian where there is none and it may. */
export const firefox = () => packages('Firefox', () => firefoxPath(), ['firefox-esr'])

/** WebKitGTK's small browser and a display for it, likewise. */
export const webkit = () =>
  packages('WebKitGTK', () => existsSync(MINI_BROWSER) && ask('which', ['xvfb-run']), [
    'webkit2gtk-driver',
    'libwebkit2gtk-4.1-0',
    'xvfb',
    'xauth',
  ])

const firefoxPath = () => process.env.FIREFOX ?? ask('which', ['firefox-esr']) ?? ask('which', ['firefox'])

/** The goldens in Firefox, plain and resisting fingerprinting. */
export async function goldensInFirefox() {
  for (const resist of [false, true]) {
    const title = resist ? 'Firefox, resisting fingerprinting' : 'Firefox'
    const result = await goldensIn(title, (url, profile) => {
      const wishes = [
        ['privacy.resistFingerprinting', resist],
        ['browser.shell.checkDefaultBrowser', false],
        ['datareporting.policy.dataSubmissionEnabled', false],
        ['app.update.enabled', false],
      ]
      const lines = wishes.map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${value});\n`)
      writeFileSync(join(profile, 'user.js'), lines.join(''))
      return [firefoxPath(), ['--headless', '--no-remote', '--profile', profile, url]]
    })
    // Without this the second run could be the first again.
    if (result.trueCanvas === resist) throw new Refusal(`${title}: its canvas says otherwise (${result.trueCanvas}).`)
  }
}

/** The goldens in WebKitGTK. */
export const goldensInWebkit = () => goldensIn('WebKitGTK', (url) => ['xvfb-run', ['-a', MINI_BROWSER, url]])

/**
 * Runs one browser until its page has told what differs.
 * `command` is given the page's address and an empty folder, and says what to start.
 */
async function goldensIn(title, command) {
  const profile = mkdtempSync(join(tmpdir(), 'truecrop-browser-'))
  const start = Date.now()
  const { server, port, told } = await serve()
  const [program, args] = command(`http://127.0.0.1:${port}/tests/goldens/page.html`, profile)
  mkdirSync(join(profile, 'home'))
  const env = { ...process.env, HOME: join(profile, 'home') }
  const child = spawn(program, args, { stdio: 'ignore', detached: true, env })
  const ended = new Promise((_, reject) => {
    child.on('error', (error) => reject(new Refusal(`${title} could not be started: ${error.message}`)))
    child.on('exit', (code) => reject(new Refusal(`${title} ended (${code}) before its page had told anything.`)))
  })
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Refusal(`${title} told nothing in ${PATIENCE / 1000} s.`)), PATIENCE).unref()
  })
  try {
    const result = await Promise.race([told, ended, late])
    hold(title, result)
    process.stdout.write(`  ${title}: ${result.count} results, ${((Date.now() - start) / 1000).toFixed(1)} s, ${result.agent}\n`)
    return result
  } finally {
    ended.catch(() => {})
    await stop(child)
    server.close()
    server.closeAllConnections()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

/** Refuses results that differ, and results that are not all. */
export function hold(title, { wrong, count }) {
  const goldens = JSON.parse(readFileSync(join(root, 'tests/goldens/goldens.json'), 'utf8'))
  const all = Object.values(goldens.sources).reduce((sum, results) => sum + Object.keys(results).length, 0)
  if (wrong.length > 0) throw new Refusal(`${title}: ${wrong.length} of the goldens differ:\n${wrong.join('\n')}`)
  if (count !== all) throw new Refusal(`${title}: ${count} of ${all} goldens were compared.`)
}

/** The browser with all its processes: they are a group of their own. */
async function stop(child) {
  if (child.pid === undefined || child.exitCode !== null) return
  const gone = new Promise((resolve) => child.on('exit', resolve))
  process.kill(-child.pid, 'SIGTERM')
  const hard = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 5000)
  await gone
  clearTimeout(hard)
}

/** dist and tests on a free port, and what a page tells. */
async function serve() {
  let tell
  const told = new Promise((resolve) => (tell = resolve))
  const server = createServer((request, answer) => {
    const { pathname } = new URL(request.url, 'http://localhost')
    if (request.method === 'POST' && pathname === '/result') {
      const parts = []
      request.on('data', (part) => parts.push(part))
      request.on('end', () => answer.end() && tell(JSON.parse(Buffer.concat(parts).toString('utf8'))))
      return
    }
    const path = normalize(decodeURIComponent(pathname))
    const file = join(root, path.startsWith('/tests/') ? path : join('dist', path))
    if (!existsSync(file)) return answer.writeHead(404).end()
    answer.writeHead(200, { 'content-type': TYPES[path.split('.').pop()] ?? 'application/octet-stream' }).end(readFileSync(file))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: server.address().port, told }
}
