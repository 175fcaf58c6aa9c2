// The goldens on the shipped wasm modules, in Node.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as full from '../../dist/wasm/truecrop.js'
import * as all from '../../dist/wasm/truecrop_all.js'
import * as heic from '../../dist/wasm/truecrop_heic.js'
import * as jpeg from '../../dist/wasm/truecrop_jpeg.js'
import { compare, compareField, notRare, onlyHeic, onlyJpeg, runCase } from '../goldens/run.js'
import { turningProfile, withProfile } from '../profiles.js'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root))
const json = (path: string) => JSON.parse(read(path).toString('utf8'))
const cases = json('tests/goldens/recipes.json')
const goldens = json('tests/goldens/goldens.json')

all.initSync({ module: read('dist/wasm/truecrop_all_bg.wasm') })
full.initSync({ module: read('dist/wasm/truecrop_bg.wasm') })
heic.initSync({ module: read('dist/wasm/truecrop_heic_bg.wasm') })
jpeg.initSync({ module: read('dist/wasm/truecrop_jpeg_bg.wasm') })
const opener = (glue: typeof all | typeof full | typeof heic | typeof jpeg) => (source: string) =>
  glue.Session.fromBytes(new Uint8Array(read(`tests/fixtures/${source}`)), undefined)

test('outputs in Node are the goldens, byte for byte', { timeout: 300_000 }, async () => {
  const { wrong, count } = await compare(opener(full), notRare(goldens), cases, full.pixelsVersion())
  expect(wrong).toEqual([])
  expect(count).toBeGreaterThanOrEqual(cases.length * 2)
})

test('files of the kinds that users pick give what they give natively', async () => {
  const index = json('tests/fixtures/field/index.json')
  const { wrong, count } = await compareField(opener(full), index, json('tests/goldens/field.json'))
  expect(wrong).toEqual([])
  expect(count).toBeGreaterThanOrEqual(83)
})

test('the module with all formats gives the same, also for the rare ones', { timeout: 300_000 }, async () => {
  const { wrong, count } = await compare(opener(all), goldens, cases, all.pixelsVersion())
  expect(wrong).toEqual([])
  expect(count).toBeGreaterThanOrEqual(cases.length * 2)
})

test('the full module refuses the rare formats by name', () => {
  for (const [source, name] of [
    ['rare/rgb-lzw.tif', 'TIFF'],
    ['rare/rgb.bmp', 'BMP'],
    ['rare/png.ico', 'icon'],
    ['rare/rgb.qoi', 'QOI'],
  ] as const) {
    const refused = expect.objectContaining({ code: 'unsupported-format', message: expect.stringContaining(name) })
    expect(() => opener(full)(source), source).toThrow(refused)
  }
})

test('the small module gives the same for JPEG', { timeout: 300_000 }, async () => {
  const small = onlyJpeg(goldens, cases)
  const { wrong, count } = await compare(opener(jpeg), small.goldens, small.cases, jpeg.pixelsVersion())
  expect(wrong).toEqual([])
  expect(count).toBeGreaterThanOrEqual(100)
})

test('the module of JPEG and HEIC gives the same for both', { timeout: 300_000 }, async () => {
  const both = onlyHeic(goldens, cases)
  const { wrong, count } = await compare(opener(heic), both.goldens, both.cases, heic.pixelsVersion())
  expect(wrong).toEqual([])
  expect(Object.keys(both.goldens.sources).filter((source) => source.startsWith('heic/')).length).toBeGreaterThanOrEqual(6)
  expect(count).toBe(Object.keys(both.goldens.sources).length * both.cases.length)
})

test('who reads HEIC, and who refuses it by name', () => {
  for (const [glue, reads] of [
    [heic, true],
    [all, true],
    [full, false],
    [jpeg, false],
  ] as const) {
    const open = () => opener(glue)('heic/single.heic').free()
    if (reads) open()
    else expect(open).toThrow(expect.objectContaining({ code: 'unsupported-format', got: 'heic' }))
  }
})

test('the module of JPEG and HEIC leaves other outputs to the one with all formats', () => {
  const session = opener(heic)('heic/single.heic')
  const view = { zoom: 1, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }
  for (const format of ['png', 'webp']) {
    const asked = { name: format, view, outputs: [{ name: 'main', width: 8, height: 8, format }] }
    expect(runCase(session, asked), format).toEqual(['module-needed'])
  }
  expect(() => opener(heic)('cat.png')).toThrow(expect.objectContaining({ code: 'module-needed' }))
})

test('the small module refuses every other format with module-needed', () => {
  const open = opener(jpeg)
  for (const source of ['cat-alpha.png', 'one-pixel.png']) {
    expect(() => open(source), source).toThrow(expect.objectContaining({ code: 'module-needed' }))
  }
  for (const format of ['png', 'webp']) {
    const session = open('coffee.jpg')
    const view = { zoom: 1, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }
    const asked = { name: format, view, outputs: [{ name: 'main', width: 8, height: 8, format }] }
    expect(runCase(session, asked), format).toEqual(['module-needed'])
    session.free()
  }
})

test('the small module leaves the tables of profiles to the full one', () => {
  const file = new Uint8Array(withProfile(read('tests/fixtures/coffee.jpg'), turningProfile()))
  expect(() => jpeg.Session.fromBytes(file, undefined)).toThrow(expect.objectContaining({ code: 'module-needed' }))
  const session = full.Session.fromBytes(file, undefined)
  expect(JSON.parse(session.facts()).ignored).toEqual([])
  session.free()
})
