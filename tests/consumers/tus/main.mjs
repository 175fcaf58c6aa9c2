// tus-js-client as it is, against truecrop's real server, over connections that are cut and a server that is killed. Each case says what it saw.
import { createHash } from 'node:crypto'
import { deepEqual, equal, match } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Upload } from 'tus-js-client'
import { cuttingProxy, freePort, startServer } from './server.mjs'

const [binary, fixtures] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'truecrop-tus-'))
const RETRIES = [0, 200, 400, 800, 1600, 3200]
const RECIPE = {
  truecrop: 1,
  crop: { x: 0, y: 0, width: 300, height: 300 },
  outputs: [{ name: 'main', width: 128, height: 128, format: 'jpeg' }],
}

/** A photo of some megabytes: comments before its pixels make it long. */
function longPhoto(megabytes) {
  const photo = readFileSync(join(fixtures, 'coffee.jpg'))
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0xff, 0xff]), Buffer.alloc(0xfffd, 0x20)])
  return Buffer.concat([photo.subarray(0, 2), ...Array(megabytes * 16).fill(comment), photo.subarray(2)])
}

/** What the command line makes of a file: the picture, its receipt, and its digest. */
function cropped(bytes, size = '128x128') {
  const at = (name) => join(folder, name)
  execFileSync('sh', ['-c', 'cat > "$0"', at('photo.jpg')], { input: bytes })
  execFileSync(binary, ['crop', at('photo.jpg'), '--size', size, '-o', at('out.jpg'), '--receipt', at('out.json')])
  return { picture: readFileSync(at('out.jpg')), receipt: readFileSync(at('out.json'), 'utf8') }
}

const sha = (bytes) => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`

/** Sends a file as tus-js-client does, and gives the upload, or its error. */
function send(bytes, options) {
  return new Promise((resolve) => {
    const requests = []
    const upload = new Upload(bytes, {
      retryDelays: RETRIES,
      onAfterResponse: (request, response) => requests.push(`${request.getMethod()} ${response.getStatus()}`),
      onSuccess: () => resolve({ upload, requests }),
      onError: (error) => resolve({ upload, requests, error }),
      ...options,
    })
    options.started?.(upload)
    upload.start()
  })
}

const idOf = (url) => new URL(url).pathname.split('/').at(-2)

async function completed(server, url) {
  const answer = await fetch(`${server.url}/v1/uploads/${idOf(url)}/complete`, { method: 'POST' })
  return { status: answer.status, body: await answer.json() }
}

const metric = async (server, name) => {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1])
}

const CASES = {
  'a crop with its receipt, by its metadata alone': async () => {
    const server = await startServer(binary, join(folder, 'a'))
    const { picture, receipt } = cropped(readFileSync(join(fixtures, 'coffee.jpg')))
    const sent = await send(picture, {
      endpoint: `${server.url}/v1/tus`,
      metadata: { 'avatar.receipt': receipt, filename: 'holiday.jpg' },
    })
    equal(sent.error, undefined)
    const { status, body } = await completed(server, sent.upload.url)
    equal(status, 200)
    const { outputs } = body.images.avatar
    const served = Buffer.from(await (await fetch(server.url + outputs[0].url)).arrayBuffer())
    deepEqual([sha(served), outputs[0].digest], [sha(picture), sha(picture)])
    await server.end()
  },

  'a photo of 24 MB in chunks, of which the server makes the picture': async () => {
    const server = await startServer(binary, join(folder, 'b'))
    const photo = longPhoto(24)
    const { upload, error } = await send(photo, {
      endpoint: `${server.url}/v1/tus`,
      chunkSize: 5 << 20,
      metadata: { 'main.recipe': JSON.stringify(RECIPE), digest: sha(photo) },
    })
    equal(error, undefined)
    const { body } = await completed(server, upload.url)
    deepEqual([body.state, body.images.main.level], ['stored', 'source'])
    await server.end()
  },

  'the connection is cut, and the client goes on where it was': async () => {
    const server = await startServer(binary, join(folder, 'c'))
    const photo = longPhoto(24)
    const proxy = await cuttingProxy(server.port, [6 << 20, 9 << 20])
    const { upload, requests, error } = await send(photo, {
      endpoint: `${proxy.url}/v1/tus`,
      metadata: { 'main.recipe': JSON.stringify(RECIPE) },
    })
    equal(error, undefined)
    equal(proxy.cuts(), 2)
    equal(requests.filter((request) => request === 'HEAD 200').length, 2)
    // Each byte was taken once.
    equal(await metric(server, 'truecrop_tus_received_bytes_total'), photo.length)
    equal((await completed(server, upload.url)).status, 200)
    proxy.end()
    await server.end()
  },

  'the server is killed, and another goes on where it was': async () => {
    const port = await freePort()
    const store = join(folder, 'd')
    let server = await startServer(binary, store, { port })
    const photo = longPhoto(24)
    let sentBefore = 0
    let killed
    const sent = send(photo, {
      endpoint: `${server.url}/v1/tus`,
      chunkSize: 2 << 20,
      metadata: { 'main.recipe': JSON.stringify(RECIPE) },
      onChunkComplete: (_, accepted) => {
        if (accepted < 9 << 20 || killed) return
        sentBefore = accepted
        killed = server.kill().then(async () => (server = await startServer(binary, store, { port })))
      },
    })
    const { upload, requests, error } = await sent
    equal(error, undefined)
    await killed
    equal(requests.filter((request) => request.startsWith('HEAD 200')).length >= 1, true)
    const after = await metric(server, 'truecrop_tus_received_bytes_total')
    // What had been acknowledged was not sent again.
    equal(after <= photo.length - sentBefore, true, `${after} bytes after ${sentBefore}`)
    equal((await completed(server, upload.url)).status, 200)
    await server.end()
  },

  'a wrong checksum, then a right one': async () => {
    const server = await startServer(binary, join(folder, 'e'))
    const { picture, receipt } = cropped(readFileSync(join(fixtures, 'coffee.jpg')))
    const checksum = (bytes) => (request) => {
      if (request.getMethod() === 'PATCH')
        request.setHeader('Upload-Checksum', `sha1 ${createHash('sha1').update(bytes).digest('base64')}`)
    }
    const options = { metadata: { 'main.receipt': receipt } }
    const wrong = await send(picture, {
      ...options,
      endpoint: `${server.url}/v1/tus`,
      onBeforeRequest: checksum(Buffer.from('another')),
      onShouldRetry: () => false,
    })
    equal(wrong.error.originalResponse.getStatus(), 460)
    const right = await send(picture, { ...options, uploadUrl: wrong.upload.url, onBeforeRequest: checksum(picture) })
    deepEqual([right.error, right.requests], [undefined, ['HEAD 200', 'PATCH 204']])
    equal((await completed(server, right.upload.url)).status, 200)
    await server.end()
  },

  'the client gives up, and nothing stays': async () => {
    const server = await startServer(binary, join(folder, 'f'))
    const photo = longPhoto(4)
    const upload = await new Promise((resolve, reject) => {
      const upload = new Upload(photo, {
        endpoint: `${server.url}/v1/tus`,
        chunkSize: 1 << 20,
        metadata: { 'main.recipe': JSON.stringify(RECIPE) },
        onChunkComplete: () => upload.abort(true).then(() => resolve(upload), reject),
        onError: reject,
      })
      upload.start()
    })
    const headers = { 'tus-resumable': '1.0.0' }
    equal((await fetch(upload.url, { method: 'HEAD', headers })).status, 410)
    const { status, body } = await completed(server, upload.url)
    deepEqual([status, body.code], [410, 'upload-cancelled'])
    await server.end()
  },

  'the time is over': async () => {
    const server = await startServer(binary, join(folder, 'g'), { config: '[uploads]\nttl = "1s"\n' })
    const photo = longPhoto(1)
    const made = await fetch(`${server.url}/v1/tus`, {
      method: 'POST',
      headers: {
        'tus-resumable': '1.0.0',
        'upload-length': String(photo.length),
        'upload-metadata': `main.recipe ${Buffer.from(JSON.stringify(RECIPE)).toString('base64')}`,
      },
    })
    match(made.headers.get('upload-expires'), / GMT$/)
    const uploadUrl = new URL(made.headers.get('location'), server.url).href
    const headers = { 'tus-resumable': '1.0.0' }
    while ((await fetch(uploadUrl, { method: 'HEAD', headers })).status === 200)
      await new Promise((resolve) => setTimeout(resolve, 100))
    const { error } = await send(photo, { uploadUrl, endpoint: null })
    equal(error.originalResponse.getStatus(), 410)
    await server.end()
  },

  'an announced upload at level source: a photo that is another, then the right one': async () => {
    const server = await startServer(binary, join(folder, 'h'), { top: 'level = "source"\n' })
    const photo = longPhoto(3)
    const { picture, receipt } = cropped(photo)
    const facts = JSON.parse(receipt).source
    const announced = await fetch(`${server.url}/v1/uploads`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"images":{"main":{"receipt":${receipt},"source":{"bytes":${facts.bytes},"digest":"${facts.digest}"}}}}`,
    })
    equal(announced.status, 201)
    const { parts } = await announced.json()
    const address = (put) => new URL(put.url, server.url).href
    equal((await send(picture, { uploadUrl: address(parts.main.outputs.main) })).error, undefined)
    const forged = Buffer.from(photo)
    forged[forged.length - 100] ^= 1
    const refused = await send(forged, { uploadUrl: address(parts.main.source) })
    equal(refused.error.originalResponse.getStatus(), 422)
    equal(JSON.parse(refused.error.originalResponse.getBody()).code, 'source-mismatch')
    const { upload, error } = await send(photo, { uploadUrl: address(parts.main.source) })
    equal(error, undefined)
    const { status, body } = await completed(server, upload.url)
    deepEqual([status, body.images.main.level], [200, 'source'])
    await server.end()
  },
}

let failed = 0
for (const [name, work] of Object.entries(CASES)) {
  const error = await work().catch((error) => error)
  process.stdout.write(`  ${name}: ${error ? (error.stack ?? error) : 'as it should be'}\n`)
  if (error) failed += 1
}
rmSync(folder, { recursive: true, force: true })
process.exit(failed)
