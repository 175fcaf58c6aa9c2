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

/** Uppy into the bucket of a server that was built with its feature `cloud`. `bucketEnv`: where the bucket is. */
export async function uploadersByBucket(bucketEnv, binary) {
  const serve = async (folder) => {
    const site = await pageAndServer(folder, { binary, store: 's3://pictures/app', env: bucketEnv })
    return { url: `${site.url}&bucket`, close: site.close }
  }
  await judge(await inProject('uploaders', (folder) => seenBy(folder, { serve })), 1, /unsafe header "etag"/)
}

/** Starts moto (`program`) with the bucket `pictures`; `env` says to a server of truecrop where it is. */
export async function startBucket(program) {
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const bucket = spawn(program, ['-H', '127.0.0.1', '-p', `${port}`], { stdio: 'ignore' })
  await until(bucket, () => fetch(address))
  await fetch(`${address}/pictures`, { method: 'PUT' })
  const env = {
    AWS_ENDPOINT: address,
    AWS_ALLOW_HTTP: 'true',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  }
  return { env, close: () => bucket.kill() }
}

/** The page, which is told where the server is. */
async function pageAndServer(folder, options) {
  const page = await serveFolder(folder)
  const server = await trueCropServer(folder, options)
  const close = () => {
    page.close()
    server.close()
  }
  return { url: `${page.url}index.html?server=${server.url}`, close }
}

/** The server with a store of its own, whose policy wants pictures of one shape. */
async function trueCropServer(
  folder,
  { binary = join(root, 'target/release/truecrop'), store = join(folder, '../store'), env = {} } = {},
) {
  const port = await freePort()
  const config = join(folder, '../truecrop.toml')
  writeFileSync(config, 'allow_origins = ["*"]\n[policy]\naspects = ["4:3"]\n')
  const args = ['serve', '--listen', `127.0.0.1:${port}`, '--store', store, '--www', folder, '--config', config]
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } })
  let said = ''
  child.stderr.on('data', (data) => (said += data))
  const url = `http://127.0.0.1:${port}/`
  await until(
    child,
    async () => (await fetch(`${url}readyz`)).ok,
    () => said,
  )
  return { url, close: () => child.kill() }
}

/** Waits until a program answers. */
async function until(child, answers, said = () => '') {
  for (const end = Date.now() + READY_MS; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
    if (child.exitCode !== null) throw new Refusal(`${child.spawnfile} ended: ${said()}`)
    if (await Promise.resolve(answers()).catch(() => undefined)) return
  }
  child.kill()
  throw new Refusal(`${child.spawnfile} did not answer: ${said()}`)
}

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
