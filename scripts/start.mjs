// npm start: installs what is missing, builds, and serves the demo page and the API. Options: --port 8080, or PORT.
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { buildServer, buildWasm, buildWeb } from './lib/build.mjs'
import { Refusal, main, root } from './lib/run.mjs'
import { setUp } from './lib/setup.mjs'

const HOST = '127.0.0.1'

function wantedPort() {
  const at = process.argv.indexOf('--port')
  const port = Number(at > 0 ? process.argv[at + 1] : (process.env.PORT ?? 8080))
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Refusal('The port must be a number from 1 to 65535.')
  return port
}

function checkFree(port) {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', () =>
      reject(new Refusal(`Port ${port} is in use: stop the program that uses it, or use "npm start -- --port 8081".`)),
    )
    probe.listen(port, HOST, () => probe.close(resolve))
  })
}

async function untilReady(url, child) {
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null) throw new Refusal('The server did not start: see its messages above.')
    const ready = await fetch(`${url}/healthz`).then(
      (r) => r.ok,
      () => false,
    )
    if (ready) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Refusal('The server did not answer within 30 seconds.')
}

await main(async () => {
  const port = wantedPort()
  await checkFree(port)
  await setUp()
  await buildWasm()
  await buildWeb()
  await buildServer()
  const args = ['serve', '--listen', `${HOST}:${port}`, '--store', '.truecrop/store', '--www', 'dist']
  const child = spawn(join(root, 'target/release/truecrop'), args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  child.on('exit', (code) => process.exit(code ?? 0))
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  await untilReady(`http://${HOST}:${port}`, child)
  process.stdout.write(`\ntruecrop is ready: http://${HOST}:${port}\n`)
})
