// Firefox and WebKitGTK without a driver: the browser opens a page, and the page posts its results to the server that it came from.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, normalize } from 'node:path'
import { Refusal, firstLineOf, root } from './run.mjs'
import { packages } from './setup.mjs'

const TYPES = { html: 'text/html', js: 'text/javascript', css: 'text/css', json: 'application/json', wasm: 'application/wasm' }
const TIMEOUT_MS = 300_000
const MINI_BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser'

/** Firefox, installed from Debian if it is missing. */
export const firefox = () => packages('Firefox', () => firefoxPath(), ['firefox-esr'])

/** WebKitGTK's MiniBrowser and a virtual display for it, installed from Debian if they are missing. */
export const webkit = () =>
  packages('WebKitGTK', () => existsSync(MINI_BROWSER) && firstLineOf('which', ['xvfb-run']), [
    'webkit2gtk-driver',
    'libwebkit2gtk-4.1-0',
    'xvfb',
    'xauth',
  ])

const firefoxPath = () => process.env.FIREFOX ?? firstLineOf('which', ['firefox-esr']) ?? firstLineOf('which', ['firefox'])

/** The goldens in Firefox, plain and resisting fingerprinting. */
export async function goldensInFirefox() {
  for (const resist of [false, true]) {
    const title = resist ? 'Firefox, resisting fingerprinting' : 'Firefox'
    const result = await goldensIn(title, startFirefox(resist))
    // Proves that the preference was applied: otherwise both runs could be the same.
    if (result.trueCanvas === resist)
      throw new Refusal(`${title}: the canvas did not behave as the preference asks (true canvas: ${result.trueCanvas}).`)
  }
}

/** The goldens in WebKitGTK. */
export const goldensInWebkit = () => goldensIn('WebKitGTK', startWebkit)

/** How Firefox is started on a page. */
export const startFirefox =
  (resist = false) =>
  (url, profile) => {
    const preferences = [
      ['privacy.resistFingerprinting', resist],
      ['browser.shell.checkDefaultBrowser', false],
      ['datareporting.policy.dataSubmissionEnabled', false],
      ['app.update.enabled', false],
    ]
    const lines = preferences.map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${value});\n`)
    writeFileSync(join(profile, 'user.js'), lines.join(''))
    return [firefoxPath(), ['--headless', '--no-remote', '--profile', profile, url]]
  }

/** How WebKitGTK is started on a page. */
export const startWebkit = (url) => ['xvfb-run', ['-a', MINI_BROWSER, url]]

async function goldensIn(title, command) {
  const { result, seconds } = await resultOf(title, command, '/tests/goldens/page.html')
  compareWithGoldens(title, result)
  process.stdout.write(`  ${title}: ${result.count} results, ${seconds} s, ${result.agent}\n`)
  return result
}

/**
 * Runs one browser on a page of `tests`, until that has posted its results.
 * `command` gets the page's address and an empty folder, and returns the program and its arguments. `other` answers a request that is not
 * for a file, where it returns true.
 */
export async function resultOf(title, command, page, other = () => false) {
  const profile = mkdtempSync(join(tmpdir(), 'truecrop-browser-'))
  const start = Date.now()
  const { server, port, posted } = await serve(other)
  const [program, args] = command(`http://127.0.0.1:${port}${page}`, profile)
  mkdirSync(join(profile, 'home'))
  const env = { ...process.env, HOME: join(profile, 'home') }
  const child = spawn(program, args, { stdio: 'ignore', detached: true, env })
  const ended = new Promise((_, reject) => {
    child.on('error', (error) => reject(new Refusal(`${title} could not be started: ${error.message}`)))
    child.on('exit', (code) => reject(new Refusal(`${title} ended (${code}) before its page had posted a result.`)))
  })
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Refusal(`${title} posted no result in ${TIMEOUT_MS / 1000} s.`)), TIMEOUT_MS).unref()
  })
  try {
    const result = await Promise.race([posted, ended, late])
    return { result, seconds: ((Date.now() - start) / 1000).toFixed(1) }
  } finally {
    ended.catch(() => {})
    await stop(child)
    server.close()
    server.closeAllConnections()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

/** Refuses results that differ from the goldens, and incomplete results. */
export function compareWithGoldens(title, { wrong, count }) {
  const goldens = JSON.parse(readFileSync(join(root, 'tests/goldens/goldens.json'), 'utf8'))
  const all = Object.values(goldens.sources).reduce((sum, results) => sum + Object.keys(results).length, 0)
  if (wrong.length > 0) throw new Refusal(`${title}: ${wrong.length} goldens differ:\n${wrong.join('\n')}`)
  if (count !== all) throw new Refusal(`${title}: ${count} of ${all} goldens were compared.`)
}

/** Ends the browser with all its child processes: they share one process group. */
async function stop(child) {
  if (child.pid === undefined || child.exitCode !== null) return
  const gone = new Promise((resolve) => child.on('exit', resolve))
  process.kill(-child.pid, 'SIGTERM')
  const hard = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 5000)
  await gone
  clearTimeout(hard)
}

/** Serves `dist` and `tests` on a free port; `posted` resolves with the page's results. */
async function serve(other) {
  let post
  const posted = new Promise((resolve) => (post = resolve))
  const server = createServer((request, answer) => {
    const { pathname } = new URL(request.url, 'http://localhost')
    if (request.method === 'POST' && pathname === '/result') {
      const parts = []
      request.on('data', (part) => parts.push(part))
      request.on('end', () => answer.end() && post(JSON.parse(Buffer.concat(parts).toString('utf8'))))
      return
    }
    if (other(request, answer)) return
    const path = normalize(decodeURIComponent(pathname))
    const file = join(root, path.startsWith('/tests/') ? path : join('dist', path))
    if (!existsSync(file)) return answer.writeHead(404).end()
    answer.writeHead(200, { 'content-type': TYPES[path.split('.').pop()] ?? 'application/octet-stream' }).end(readFileSync(file))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: server.address().port, posted }
}
