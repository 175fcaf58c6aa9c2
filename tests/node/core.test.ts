// `truecrop/core` as people misuse it: each mistake gets an error of the one type, with a sentence that helps.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { TruecropError } from '../../dist/index.js'
import type { Session } from '../../www/core/core.js'
import * as core from '../../dist/core.js'
import * as all from '../../dist/core-all.js'
import * as jpeg from '../../dist/core-jpeg.js'

const file = readFileSync(new URL('../fixtures/coffee.jpg', import.meta.url))
const VIEW = { zoom: 2, center: { x: 0.4, y: 0.6 }, rotate: 0, flip: 'none' } as const
const RECIPE = {
  truecrop: 1,
  crop: { x: 0, y: 0, width: 64, height: 64 },
  outputs: [{ name: 'main', width: 16, height: 16, format: 'jpeg' }],
} as const

/** Types do not hold back whoever writes JavaScript. */
type Loose = (...args: unknown[]) => unknown
const open = core.Session.fromBytes as Loose
const session = (): Session => core.Session.fromBytes(file)
const loose = (name: keyof Session): Loose => session()[name] as Loose

test('before init everything says that init is missing', () => {
  // In a process of its own: this one starts the engine.
  const script = `const { Session, engineVersion } = await import(${JSON.stringify(new URL('../../dist/core.js', import.meta.url).href)})
    for (const call of [() => Session.fromBytes(new Uint8Array(3)), engineVersion]) {
      try { call() } catch (error) { console.log(error.name, error.code, error.message.includes('await init()')) }
    }`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(said).toBe('TruecropError engine-not-started true\n'.repeat(2))
})

beforeAll(async () => {
  await Promise.all([core.init(), jpeg.init()])
})

const mistakes: [string, () => unknown, string, RegExp][] = [
  ['a path', () => open('photo.jpg'), 'invalid-option', /readFileSync/],
  ['an object', () => open({ bytes: file }), 'invalid-option', /not an object/],
  ['nothing', () => open(), 'invalid-option', /not nothing/],
  ['an array', () => open([1, 2, 3]), 'invalid-option', /not an array/],
  ['a blob', () => open(new Blob([file])), 'invalid-option', /arrayBuffer/],
  ['a blob outside of workers', () => core.Session.fromBlob(new Blob([file])), 'invalid-option', /fromBytes/],
  ['no bytes', () => open(new Uint8Array()), 'empty-source', /./],
  ['a number as limits', () => open(file, 7), 'invalid-option', /limits/],
  ['a view that is no object', () => loose('solve')(3, 1, 1), 'invalid-option', /view/],
  ['a view that is not JSON', () => loose('solve')('left', 1, 1), 'invalid-view', /./],
  ['an aspect that is missing', () => loose('solve')(VIEW), 'invalid-option', /aspectWidth/],
  ['an aspect with a fraction', () => loose('solve')(VIEW, 1.5, 1), 'invalid-option', /whole number/],
  ['an aspect as text', () => loose('solve')(VIEW, '16:9'), 'invalid-option', /not a string/],
  ['no recipe', () => loose('render')(), 'invalid-option', /recipe/],
  ['an empty recipe', () => loose('render')({}), 'invalid-recipe', /./],
  ['a plan of bytes', () => loose('plan')(file), 'invalid-option', /recipe/],
  ['a proxy of no size', () => loose('proxy')(0), 'invalid-option', /longest/],
  ['a proxy of a negative size', () => loose('proxy')(-1), 'invalid-option', /longest/],
  ['a digest as text', () => loose('setDigest')('abc'), 'invalid-option', /digest/],
  ['data of no known cropper', () => core.convertFrom('mine', {}, 10, 10), 'invalid-option', /./],
  [
    'data that the small module cannot convert',
    () => jpeg.convertFrom('cropperjs', {}, 10, 10),
    'module-needed',
    /truecrop\/core/,
  ],
  ['initSync without bytes', () => (core.initSync as Loose)(), 'invalid-option', /await init\(\)/],
]

test.each(mistakes)('%s', (_, call, code, message) => {
  let thrown: unknown
  try {
    call()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(TruecropError)
  expect(thrown).toMatchObject({ code, message: expect.stringMatching(message) })
})

test('a session, a task: after `free` they say so', () => {
  const opened = session()
  const task = opened.render(JSON.stringify(RECIPE))
  task.free()
  task.free()
  expect(() => task.advance()).toThrow(expect.objectContaining({ code: 'invalid-option', field: 'task' }))
  opened.free()
  expect(() => opened.facts()).toThrow(expect.objectContaining({ code: 'invalid-option', field: 'session' }))
})

test('a plan says what a recipe takes', () => {
  const plan = JSON.parse(session().plan(JSON.stringify(RECIPE))) as unknown
  expect(plan).toEqual({ peakBytes: expect.any(Number), scale: 4, window: [0, 0, 32, 32] })
})

test('bytes of every kind, objects and JSON give the same picture', () => {
  const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer
  const render = (source: ArrayBufferLike | ArrayBufferView, recipe: typeof RECIPE | string): Buffer => {
    const task = core.Session.fromBytes(source).render(recipe as string)
    while (!task.advance());
    return Buffer.from(task.finish().bytes(0))
  }
  const first = render(file, RECIPE)
  expect(first.length).toBeGreaterThan(100)
  for (const source of [buffer, new DataView(buffer), new Uint8Array(buffer)]) {
    expect(render(source, JSON.stringify(RECIPE)).equals(first)).toBe(true)
  }
})

test('init that fails is typed, names the file, and may be tried again', async () => {
  const script = `const { init, engineVersion } = await import(${JSON.stringify(new URL('../../dist/core.js', import.meta.url).href)})
    for (const input of ['/nowhere/core.wasm', new URL('file:///nowhere/core.wasm'), new Uint8Array([60, 104, 116])]) {
      await init(input).catch((error) => console.log(error.name, error.code, /nowhere|could not be started/.test(error.message)))
    }
    await init()
    console.log(engineVersion().length > 0)`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(said).toBe(`${'TruecropError engine-unavailable true\n'.repeat(3)}true\n`)
})

test('an address that has no module is told, with what to do in init', async () => {
  const server = createServer((request, answer) => {
    if (request.url === '/missing.wasm') answer.writeHead(404).end()
    else answer.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    for (const [path, words] of [
      ['missing.wasm', /answered 404 .* to init/],
      ['page.wasm', /returned HTML .* to init/],
    ] as const) {
      const refused = await all.init(`http://127.0.0.1:${port}/${path}`).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(TruecropError)
      expect(refused).toMatchObject({ code: 'engine-unavailable', field: 'input', message: expect.stringMatching(words) })
    }
  } finally {
    server.close()
  }
})
