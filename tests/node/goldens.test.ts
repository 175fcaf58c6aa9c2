// The goldens on the shipped wasm module, in Node.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Session, initSync, pixelsVersion } from '../../dist/wasm/truecrop.js'
import { compare } from '../goldens/run.js'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root))
const json = (path: string) => JSON.parse(read(path).toString('utf8'))

test('outputs in Node are the goldens, byte for byte', { timeout: 300_000 }, async () => {
  initSync({ module: read('dist/wasm/truecrop_bg.wasm') })
  const open = (source: string) => Session.fromBytes(new Uint8Array(read(`tests/fixtures/${source}`)), undefined)
  const cases = json('tests/goldens/recipes.json')
  const { wrong, count } = await compare(open, json('tests/goldens/goldens.json'), cases, pixelsVersion())
  expect(wrong).toEqual([])
  expect(count).toBeGreaterThanOrEqual(cases.length * 2)
})
