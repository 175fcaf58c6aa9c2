// custom-elements.json describes the element to editors and documentation tools. It is built from the sources and kept in
// the repository. After a change of the element: TRUECROP_BLESS=1 node_modules/.bin/vitest run www/element/manifest.test.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { CHOICES, PROPERTIES } from './attributes.js'
import { buildManifest, sources } from './manifest.js'

class EmptyElement {
  readonly attachInternals = (): object => ({})
  readonly getAttribute = (): null => null
  readonly hasAttribute = (): boolean => false
}
vi.stubGlobal('HTMLElement', EmptyElement)
const { AttributeProperties } = await import('./properties.js')
const { TrueCrop } = await import('./true-crop.js')

const path = new URL('../../custom-elements.json', import.meta.url)

interface Named {
  name: string
}
interface Declaration extends Record<'attributes' | 'events' | 'slots' | 'cssParts' | 'cssProperties', Named[]> {
  members: (Named & { kind: string; description: string })[]
}

const element = new AttributeProperties() as unknown as Record<string, unknown>
const read = Object.values(PROPERTIES).map((property) => [property, element[property]] as const)
// These two need the whole element to be read.
const defaults = { ...Object.fromEntries(read), rotate: 0, flip: CHOICES.flip[0] }

const built = buildManifest(defaults)
const [declaration] = (built as { modules: { declarations: Declaration[] }[] }).modules[0]?.declarations ?? []
const names = (list: Named[] | undefined): string[] => (list ?? []).map(({ name }) => name)
const inSources = (pattern: RegExp): string[] => [...new Set([...sources.matchAll(pattern)].map(([, name = '']) => name))]

test('custom-elements.json is what the sources say', () => {
  if (process.env.TRUECROP_BLESS) writeFileSync(path, `${JSON.stringify(built, null, 2)}\n`)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(JSON.stringify(built)))
})

test('every attribute that the element observes or reads is described, with its property', () => {
  const readLater = ['disabled', 'worker-url', 'wasm-url', 'jpeg-wasm-url', 'all-wasm-url', 'heic-wasm-url']
  expect(names(declaration?.attributes).sort()).toEqual([...TrueCrop.observedAttributes, ...readLater].sort())
  const accessors = Object.values(PROPERTIES).filter((property) => !(property in TrueCrop.prototype))
  expect(accessors).toEqual([])
})

test('every member and event is described', () => {
  const members = [...(declaration?.members ?? []), ...((declaration?.events ?? []) as { name: string; description: string }[])]
  expect(members.filter(({ description }) => !description).map(({ name }) => name)).toEqual([])
  expect(names(declaration?.events)).toEqual(inSources(/^ {2}'?([\w-]+)'?: CustomEvent</gm))
  expect(names(declaration?.events).sort()).toEqual(inSources(/(?:#emit|\bemit)\('([\w-]+)'/g).sort())
})

test('every slot, part and custom property of the sources is described, and no other', () => {
  expect(names(declaration?.slots)).toEqual(inSources(/slot\.name = '(\w+)'/g))
  const parts = inSources(/part\.add\('([\w-]+)'/g)
  const buttons = inSources(/#(?:action|button)\('(\w+)'/g).map((name) => `button-${name.toLowerCase()}`)
  expect(names(declaration?.cssParts).sort()).toEqual([...parts, ...buttons].sort())
  expect(names(declaration?.cssProperties).sort()).toEqual(inSources(/var\((--truecrop-[\w-]+)/g).sort())
})
