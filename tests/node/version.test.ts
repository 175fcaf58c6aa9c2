// One version: what npm, Cargo, the engine's receipts and the changelog say is the same.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as full from '../../dist/wasm/truecrop.js'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url))
const text = (path: string) => read(path).toString('utf8')
const found = (path: string, pattern: RegExp) => pattern.exec(text(path))?.[1]

full.initSync({ module: read('dist/wasm/truecrop_bg.wasm') })
const { version } = JSON.parse(text('package.json'))

test.each([
  ['package-lock.json', JSON.parse(text('package-lock.json')).version],
  ['package-lock.json, its root', JSON.parse(text('package-lock.json')).packages[''].version],
  ['the Cargo workspace', found('Cargo.toml', /\[workspace\.package\]\nversion = "([^"]+)"/)],
  ['the dependency on the core', found('Cargo.toml', /\ntruecrop-core = \{[^}]*version = "([^"]+)"/)],
  ['Cargo.lock', found('Cargo.lock', /name = "truecrop-core"\nversion = "([^"]+)"/)],
  ['the engine, which writes it into receipts', full.engineVersion()],
  ['the newest entry of the changelog', found('CHANGELOG.md', /\n## (\d[^\s]*)/)],
])('%s has the version of package.json', (_, other) => {
  expect(other).toBe(version)
})

test('the changelog has an entry for the pixel contract', () => {
  expect(found('CHANGELOG.md', /\n### Pixel contract (\d+)/)).toBe(String(full.pixelsVersion()))
})

test('the pinned toolchain is the one that Cargo.toml asks for', () => {
  expect(found('rust-toolchain.toml', /\nchannel = "(\d+\.\d+)/)).toBe(found('Cargo.toml', /\nrust-version = "([^"]+)"/))
})
