// Uppy and FilePond in Chromium, with the packed package in them, against the real server, which is on another origin than their page.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { serveFolder } from './consumers.mjs'
import { Refusal, root } from './run.mjs'
import { inProject, judge, seenBy } from './test-page.mjs'

const READY_MS = 20_000

export async function uploadersWork() {
  await judge(await inProject('uploaders', (folder) => seenBy(folder, { serve: pageAndServer })), 9, /422|404|unknown format/)
}

/** The page, which is told where the server is. */
async function pageAndServer(folder) {
  const page = await serveFolder(folder)
  const server = await trueCropServer(folder)
  const close = () => {
    page.close()
    server.close()
  }
  return { url: `${page.url}index.html?server=${server.url}`, close }
}

/** The server with a store of its own, whose policy wants pictures of one shape. */
async function trueCropServer(folder) {
  const port = await freePort()
  const config = join(folder, '../truecrop.toml')
  writeFileSync(config, 'allow_origins = ["*"]\n[policy]\naspects = ["4:3"]\n')
  const args = [
    'serve',
    '--listen',
    `127.0.0.1:${port}`,
    '--store',
    join(folder, '../store'),
    '--www',
    folder,
    '--config',
    config,
  ]
  const child = spawn(join(root, 'target/release/truecrop'), args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (data) => (said += data))
  const url = `http://127.0.0.1:${port}/`
  for (const end = Date.now() + READY_MS; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
    if (child.exitCode !== null) throw new Refusal(`The server ended: ${said}`)
    const answer = await fetch(`${url}readyz`).catch(() => undefined)
    if (answer?.ok) return { url, close: () => child.kill() }
  }
  child.kill()
  throw new Refusal(`The server did not answer: ${said}`)
}

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
