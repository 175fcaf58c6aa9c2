// `truecrop/node` as it is shipped: files in every form, work off the event loop that can be aborted, requests of every kind, and mistakes that are told.
import { execFileSync } from 'node:child_process'
import { createReadStream, readFileSync } from 'node:fs'
import { type IncomingMessage, createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import * as built from '../../dist/node.js'
import type * as Node from '../../www/node/index.js'

/** What is shipped is plain JavaScript; its types are those of the source. */
const node = built as unknown as typeof Node
const photo = new URL('../fixtures/coffee.jpg', import.meta.url)
const path = fileURLToPath(photo)
const file = readFileSync(photo)
const large = fileURLToPath(new URL('../fixtures/hubble.jpg', import.meta.url))
const WANTED = { width: 64, height: 48 }
const dist = new URL('../../dist/', import.meta.url).href

/** What a call refuses with. */
async function refusal(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'nothing',
    (error: unknown) => error,
  )
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += 10_000) yield file.subarray(at, at + 10_000)
}

const forms: [string, () => Node.Source][] = [
  ['a path', () => path],
  ['a file URL', () => photo],
  ['a file URL as text', () => photo.href],
  ['a Buffer', () => file],
  ['a Uint8Array', () => new Uint8Array(file)],
  ['an ArrayBuffer', () => new Uint8Array(file).buffer],
  [
    'a view inside of a larger buffer',
    () => Buffer.concat([Buffer.alloc(7), file, Buffer.alloc(9)]).subarray(7, 7 + file.length),
  ],
  ['a Blob', () => new Blob([file])],
  ['a Node stream', () => createReadStream(path, { highWaterMark: 5000 })],
  ['a web stream', () => new Blob([file]).stream()],
  ['an async generator', () => pieces()],
  ['a Response', () => new Response(file)],
]

test.each(forms)('%s is a source', async (_, source) => {
  const { output } = await node.crop(source(), WANTED)
  const { output: wanted } = await node.crop(path, WANTED)
  expect(output.bytes.length).toBeGreaterThan(500)
  expect(Buffer.compare(output.bytes, wanted.bytes)).toBe(0)
})

test('what callers pass stays theirs', async () => {
  const own = new Uint8Array(file)
  const { output, receipt } = await node.crop(own, WANTED)
  await node.verify({ receipt, outputs: output.bytes, source: own })
  expect([own.length, output.bytes.length]).toEqual([file.length, expect.any(Number)])
  expect(output.bytes.length).toBeGreaterThan(0)
})

test('a round picture is made, named in its receipt, proved, and asked for or refused by a policy', async () => {
  // Without a format it is a PNG.
  for (const wanted of [{}, { format: 'png' }, { format: 'webp' }, { format: 'webp', quality: 70 }] as const) {
    const { output, receipt, facts } = await node.crop(path, { ...WANTED, ...wanted, mask: 'ellipse' })
    expect(facts.outputs[0]).toMatchObject({ mask: 'ellipse', width: 64, height: 48 })
    const sent = { receipt, outputs: output.bytes }
    expect(await node.verify(sent, { policy: { masks: ['ellipse'] } })).toMatchObject({ level: 'result' })
    expect(await node.verify({ ...sent, source: path })).toMatchObject({ level: 'source' })
    const refused = await refusal(node.verify(sent, { policy: { masks: ['none'] } }))
    expect(refused).toMatchObject({ code: 'policy-violation', field: 'outputs[0].mask' })
  }
  const jpeg = await refusal(node.crop(path, { ...WANTED, format: 'jpeg', mask: 'ellipse' }))
  expect(jpeg).toMatchObject({ code: 'invalid-recipe', field: 'outputs[0].mask' })
})

const broken = (): ReadableStream<Uint8Array> => new ReadableStream({ pull: (c) => c.error(new Error('the disk is gone')) })
const locked = (): ReadableStream<Uint8Array> => {
  const stream = new Blob([file]).stream()
  stream.getReader()
  return stream
}
const loose = node as unknown as Record<'crop' | 'verify' | 'receive', (...args: unknown[]) => Promise<unknown>>

const mistakes: [string, () => Promise<unknown>, string, RegExp][] = [
  ['no such file', () => node.probe('/nowhere/photo.jpg'), 'io', /nowhere.*Check the path/],
  ['a folder', () => node.probe('/'), 'io', /Check the path/],
  ['an address', () => node.probe('https://example.com/a.jpg'), 'invalid-option', /await fetch/],
  ['an address as URL', () => node.probe(new URL('http://example.com/a.jpg')), 'invalid-option', /await fetch/],
  ['an answer that is none', () => node.probe(new Response('', { status: 404 })), 'invalid-option', /404/],
  ['a number', () => node.probe(7 as never), 'invalid-option', /not a number/],
  ['a stream that fails', () => node.probe(broken()), 'io', /the disk is gone/],
  ['a stream that is being read', () => node.probe(locked()), 'invalid-option', /being read/],
  ['a stream of text', () => node.probe(Readable.from(['abc']) as never), 'invalid-option', /encoding/],
  ['a long file', () => node.probe(path, { limits: { source_bytes: 999 } }), 'source-too-large', /999|raise the limit/],
  ['a long blob', () => node.probe(new Blob([file]), { limits: { source_bytes: 999 } }), 'source-too-large', /./],
  ['a long stream', () => node.probe(pieces(), { limits: { source_bytes: 999 } }), 'source-too-large', /./],
  ['a limit that there is not', () => node.probe(path, { limits: { pixels: 1 } }), 'invalid-option', /limits/],
  ['nothing wanted', () => loose.crop(path), 'invalid-option', /width/],
  ['a size without height', () => loose.crop(path, { width: 10 }), 'invalid-option', /aspectHeight|height/],
  [
    'a policy with a typing mistake',
    () => loose.verify({ receipt: '{}', outputs: {} }, { policy: { aspect: [] } }),
    'invalid-receipt',
    /./,
  ],
  ['a rule that needs a store', () => loose.receive(new FormData(), { policy: { once: true } }), 'invalid-option', /own server/],
  ['no receipt', () => loose.verify({ outputs: {} }), 'invalid-option', /receipt, outputs/],
  ['a request that is none', () => loose.receive({}), 'invalid-option', /IncomingMessage/],
  [
    'a body that is no form',
    () => node.receive(new Request('http://x/', { method: 'POST', body: '{}' })),
    'invalid-multipart',
    /text\/plain/,
  ],
  ['an empty request', () => node.receive(new Request('http://x/')), 'invalid-multipart', /content-type/],
]

test.each(mistakes)('%s', async (_, call, code, words) => {
  const refused = await refusal(call())
  expect(refused).toBeInstanceOf(node.TruecropError)
  expect(refused).toMatchObject({ code, message: expect.stringMatching(words) })
})

test('a body that was read, and one that is too long, are told', async () => {
  const form = (await node.crop(path, WANTED)).toFormData('avatar')
  const request = (): Request => new Request('http://x/', { method: 'POST', body: form })
  const used = request()
  await used.arrayBuffer()
  expect(await refusal(node.receive(used))).toMatchObject({ code: 'invalid-option', message: expect.stringMatching('already') })
  const refused = await refusal(node.receive(request(), { bodyBytes: 1000 }))
  expect(refused).toMatchObject({ code: 'too-many-bytes', field: 'body' })
  expect(node.toProblem(refused).status).toBe(413)
})

test('the event loop goes on while a picture is made, and jobs side by side give the same', async () => {
  let turns = 0
  const timer = setInterval(() => (turns += 1), 1)
  const sizes = [900, 700, 900, 700, 900].map((width) => ({ width, height: width, rotate: 10 }))
  const made = await Promise.all(sizes.map((wanted) => node.crop(large, wanted)))
  clearInterval(timer)
  expect(turns).toBeGreaterThan(5)
  const digests = made.map(({ output }) => output.digest)
  expect(new Set(digests).size).toBe(2)
  expect([digests[2], digests[3]]).toEqual([digests[0], digests[1]])
})

const never = (): ReadableStream<Uint8Array> => new ReadableStream({ pull: () => new Promise(() => undefined) })

test.each([
  ['before it begins', (signal: AbortSignal) => node.crop(path, WANTED, { signal }), 0],
  ['while its source does not come', (signal: AbortSignal) => node.crop(never(), WANTED, { signal }), 20],
  ['while it is made', (signal: AbortSignal) => node.crop(large, { width: 8000, height: 8000, rotate: 10 }, { signal }), 150],
])('work is aborted %s', async (_, call, after) => {
  const abort = new AbortController()
  const reason = new Error('the client has left')
  if (after === 0) abort.abort(reason)
  else setTimeout(() => abort.abort(reason), after)
  expect(await refusal(call(abort.signal))).toBe(reason)
  // and the next job is done
  expect((await node.probe(path)).width).toBe(600)
})

test('without threads the same bytes are made on the same thread, which can abort too', { timeout: 30_000 }, () => {
  const script = `import { configure, crop, verify } from '${dist}node.js'
    configure({ threads: 0 })
    const { output, receipt } = await crop(${JSON.stringify(path)}, ${JSON.stringify(WANTED)})
    const { level } = await verify({ receipt, outputs: output.bytes, source: ${JSON.stringify(path)} })
    const abort = AbortSignal.timeout(50)
    const late = await crop(${JSON.stringify(large)}, { width: 8000, height: 8000, rotate: 10 }, { signal: abort }).catch((e) => e.name)
    console.log(output.digest, level, late)`
  return node.crop(path, WANTED).then(({ output }) => {
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(said.trim()).toBe(`${output.digest} source TimeoutError`)
  })
})

test('a process that has cropped ends by itself, with require too', { timeout: 30_000 }, () => {
  const require = `const { crop, configure, TruecropError } = require('${fileURLToPath(new URL('node.cjs', dist))}')
    crop(${JSON.stringify(path)}, ${JSON.stringify(WANTED)}).then(({ output }) => console.log(output.digest))
    crop('/nowhere').catch((error) => console.log(error instanceof TruecropError, ({}) instanceof TruecropError))`
  const said = execFileSync(process.execPath, ['-e', require], { encoding: 'utf8', timeout: 20_000 })
  expect(said).toMatch(/^true false\nsha-256=:.+:\n$/)
  expect(createRequire(import.meta.url)('../../dist/node.cjs')).toHaveProperty('receive')
})

test('a module at an address of its own', { timeout: 30_000 }, () => {
  const wasm = fileURLToPath(new URL('wasm/truecrop_all_bg.wasm', dist))
  const script = `import { configure, probe } from '${dist}node.js'
    import { readFileSync } from 'node:fs'
    const probed = async (wasm) => { configure({ wasm }); return (await probe(${JSON.stringify(path)}).catch((e) => e)).code ?? 'ok' }
    const bytes = readFileSync(${JSON.stringify(wasm)})
    console.log(await probed('/nowhere.wasm'), await probed(${JSON.stringify(wasm)}), await probed(bytes), await probed(await WebAssembly.compile(bytes)))`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(said.trim()).toBe('engine-unavailable ok ok ok')
})

test('pictures, other fields, and a photo without a receipt come in one form', async () => {
  const form = (await node.crop(path, { ...WANTED, format: 'png' })).toFormData('cover')
  for (const [name, value] of (await node.crop(path, WANTED)).toFormData('avatar')) form.append(name, value)
  const recipe = {
    truecrop: 1,
    crop: { x: 0, y: 0, width: 300, height: 300 },
    outputs: [{ name: 'main', width: 32, height: 32, format: 'webp' }],
  }
  form.append('user[logo].recipe', JSON.stringify(recipe))
  form.append('user[logo].source', new Blob([file]))
  form.append('title', 'A title')
  const { pictures, fields } = await node.receive(form, { required: ['avatar', 'cover'] })
  expect(Object.keys(pictures).sort()).toEqual(['avatar', 'cover', 'user[logo]'])
  expect(pictures['cover']?.output).toMatchObject({ type: 'image/png', width: 64, height: 48 })
  expect(pictures['avatar']?.verdict.level).toBe('result')
  const logo = pictures['user[logo]']
  expect([logo?.verdict.level, logo?.source?.size, logo?.output.type]).toEqual(['source', file.length, 'image/webp'])
  expect([...fields]).toEqual([['title', 'A title']])
  const made = await node.make(path, JSON.stringify(recipe))
  expect(Buffer.compare(made.output.bytes, logo?.output.bytes as Uint8Array)).toBe(0)
  expect(made.verdict?.level).toBe('source')
  expect(await refusal(node.receive(form, { required: ['banner'] }))).toMatchObject({ field: 'banner.receipt' })
  for (const few of [{ pictures: 2 }, { policy: { maxPictures: 2 } }]) {
    expect(await refusal(node.receive(form, few))).toMatchObject({ code: 'too-many-pictures' })
  }
})

/** A server of `node:http`, as Express is one. */
async function answered(handle: (request: IncomingMessage) => Promise<string>, body: FormData): Promise<Response> {
  const server = createServer((request, response) => {
    handle(request).then(
      (text) => response.end(text),
      (error: unknown) => {
        const { status, headers, body } = node.toProblem(error)
        response.writeHead(status, headers).end(body)
      },
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    return await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body })
  } finally {
    server.close()
    server.closeIdleConnections()
  }
}

test("Node's own request is received; one that is too long is answered, and not broken off", async () => {
  const form = (await node.crop(path, WANTED)).toFormData('avatar')
  const digest = (await node.crop(path, WANTED)).output.digest
  const received = await answered(async (request) => {
    return (await node.receive(request, { policy: { aspects: ['4:3'] } })).pictures['avatar']?.output.digest ?? 'none'
  }, form)
  expect(await received.text()).toBe(digest)
  const refused = await answered(async (request) => JSON.stringify(await node.receive(request, { bodyBytes: 100 })), form)
  expect([refused.status, refused.headers.get('content-type')]).toEqual([413, 'application/problem+json'])
  expect(await refused.json()).toMatchObject({ code: 'too-many-bytes' })
})

test('a problem tells nothing of other errors, and of faults of the server', async () => {
  const secret = new Error('the password is swordfish')
  const response = node.problemResponse(secret)
  expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining('swordfish')])
  const own = await refusal(node.probe('/nowhere/secret.jpg'))
  expect(node.toProblem(own)).toMatchObject({ status: 500, body: expect.not.stringContaining('secret') })
})
