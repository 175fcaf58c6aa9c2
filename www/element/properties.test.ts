// Tests of the properties that reflect attributes.
import { expect, test, vi } from 'vitest'
import { PROPERTIES } from './attributes.js'

/** The part of an element that the accessors use. */
class FakeElement {
  readonly baseURI = 'https://site.example/shop/'
  readonly #attributes = new Map<string, string>()
  attachInternals = (): object => ({})
  getAttribute = (name: string): string | null => this.#attributes.get(name) ?? null
  hasAttribute = (name: string): boolean => this.#attributes.has(name)
  setAttribute = (name: string, value: string): void => void this.#attributes.set(name, value)
  removeAttribute = (name: string): void => void this.#attributes.delete(name)
  toggleAttribute = (name: string, on: boolean): void => (on ? this.setAttribute(name, '') : this.removeAttribute(name))
}
vi.stubGlobal('HTMLElement', FakeElement)
const { AttributeProperties, applyEarlyProperties } = await import('./properties.js')

const create = () => new AttributeProperties() as InstanceType<typeof AttributeProperties> & Record<string, unknown>

/** Property, value that is set, attribute after that, property after that. */
const cases: [string, unknown, string | null, unknown][] = [
  ['aspect', '1920:1080', '1920:1080', '16:9'],
  ['aspect', null, null, '1:1'],
  ['aspects', '2:2, 4/3 free', '2:2, 4/3 free', '1:1 4:3 free'],
  ['aspects', undefined, null, ''],
  ['shape', 'round', 'round', 'round'],
  ['accept', 'image/jpeg', 'image/jpeg', 'image/jpeg'],
  ['accept', null, null, ''],
  ['capture', 'user', 'user', 'user'],
  ['minWidth', 800, '800', 800],
  ['minHeight', 0, null, 0],
  ['width', 512, '512', 512],
  ['width', '512', '512', 512],
  ['width', 512.9, '512', 512],
  ['width', 0, null, 0],
  ['width', undefined, null, 0],
  ['height', 16_383, '16383', 16_383],
  ['format', 'webp', 'webp', 'webp'],
  ['format', undefined, null, 'auto'],
  ['quality', 70, '70', 70],
  ['maxBytes', 40_000, '40000', 40_000],
  ['hdr', 'keep', 'keep', 'keep'],
  ['mask', 'ellipse', 'ellipse', 'ellipse'],
  ['background', '#FFEE00', '#FFEE00', '#ffee00'],
  ['background', 'transparent', 'transparent', 'transparent'],
  ['name', 'avatar', 'avatar', 'avatar'],
  ['name', 'user[avatar]', 'user[avatar]', 'user[avatar]'],
  ['name', null, null, ''],
  ['src', 'photo.jpg', 'photo.jpg', 'https://site.example/shop/photo.jpg'],
  ['maxZoom', 2.5, '2.5', 2.5],
  ['maxZoom', Infinity, null, Infinity],
  ['maxZoom', undefined, null, Infinity],
  ['wheel', 'ctrl', 'ctrl', 'ctrl'],
  ['touch', 'page', 'page', 'page'],
  ['controls', 'none', 'none', 'none'],
  ['fallback', 'none', 'none', 'none'],
  ['limits', '/v1/limits', '/v1/limits', 'https://site.example/v1/limits'],
  ['required', true, '', true],
  ['required', false, null, false],
  ['disabled', 1, '', true],
  ['straighten', true, '', true],
  ['multiple', true, '', true],
  ['minZoom', 0.5, '0.5', 0.5],
  ['minZoom', 0, null, 0],
  ['policy', 'eyJhIjoxfQ.eyJiIjoyfQ.c2ln', 'eyJhIjoxfQ.eyJiIjoyfQ.c2ln', 'eyJhIjoxfQ.eyJiIjoyfQ.c2ln'],
  ['workerUrl', 'worker.js', 'worker.js', 'https://site.example/shop/worker.js'],
  ['workerUrl', null, null, ''],
  ['wasmUrl', '/all.wasm', '/all.wasm', 'https://site.example/all.wasm'],
  ['allWasmUrl', '/rare.wasm', '/rare.wasm', 'https://site.example/rare.wasm'],
  ['heicWasmUrl', '/heic.wasm', '/heic.wasm', 'https://site.example/heic.wasm'],
  ['decoders', 'none', 'none', 'none'],
  ['decoders', null, null, 'heic'],
  ['jpegWasmUrl', new URL('https://cdn.example/small.wasm'), 'https://cdn.example/small.wasm', 'https://cdn.example/small.wasm'],
]

test.each(cases)('%s = %o sets the attribute to %o and reads as %o', (property, value, attribute, read) => {
  const element = create()
  const name = Object.entries(PROPERTIES).find(([, each]) => each === property)?.[0] as string
  // What is set replaces what was there.
  element.setAttribute(name, '7')
  element[property] = value
  expect(element.getAttribute(name)).toBe(attribute)
  expect(element[property]).toBe(read)
  // Writing back what was read never fails.
  element[property] = element[property]
  expect(element[property]).toBe(read)
})

test('every property is in the table, but for those that follow the open photo', () => {
  const inTable = new Set(cases.map(([property]) => property))
  expect(Object.values(PROPERTIES).filter((property) => !inTable.has(property))).toEqual(['rotate', 'flip'])
})

/** Property, value that is refused, kind of the error. */
const refused: [string, unknown, typeof TypeError | typeof RangeError][] = [
  ['aspect', 'wide', RangeError],
  ['aspect', {}, TypeError],
  ['aspects', '1:1 wide', RangeError],
  ['aspects', ' ', RangeError],
  ['shape', 'oval', RangeError],
  ['minWidth', 65_536, RangeError],
  ['minHeight', -1, RangeError],
  ['width', -3, RangeError],
  ['width', 16_384, RangeError],
  ['width', Number.NaN, TypeError],
  ['width', Infinity, RangeError],
  ['width', 'wide', RangeError],
  ['height', -1, RangeError],
  ['format', 'tiff', RangeError],
  ['format', ['jpeg', 'png'], TypeError],
  ['quality', 101, RangeError],
  ['maxBytes', 4_294_967_296, RangeError],
  ['hdr', 'yes', RangeError],
  ['mask', 'star', RangeError],
  ['background', 'red', RangeError],
  ['name', '../x', RangeError],
  ['name', 'receipt', RangeError],
  ['src', 'https://', RangeError],
  ['minZoom', 1.5, RangeError],
  ['minZoom', Number.NaN, TypeError],
  ['maxZoom', 0.5, RangeError],
  ['maxZoom', Number.NaN, TypeError],
  ['wheel', 'never', RangeError],
  ['touch', false, TypeError],
  ['controls', 'most', RangeError],
  ['fallback', 'server', RangeError],
  ['limits', 'https://', RangeError],
  ['policy', 'two.parts', RangeError],
  ['workerUrl', 'https://', RangeError],
  ['wasmUrl', 'https://', RangeError],
  ['jpegWasmUrl', 'https://', RangeError],
  ['allWasmUrl', 'https://', RangeError],
  ['heicWasmUrl', 'https://', RangeError],
  ['decoders', 'hevc', RangeError],
]

test.each(refused)('%s = %o is refused in words, and changes nothing', (property, value, kind) => {
  const element = create()
  const before = element[property]
  expect(() => (element[property] = value)).toThrow(kind)
  expect(() => (element[property] = value)).toThrow(new RegExp(`^${property} must be .*; got `))
  expect(element[property]).toBe(before)
})

test('every property that can be wrong is in the table', () => {
  const inTable = new Set(refused.map(([property]) => property))
  const rest = Object.values(PROPERTIES).filter((property) => !inTable.has(property))
  expect(rest).toEqual(['accept', 'capture', 'multiple', 'required', 'disabled', 'straighten', 'rotate', 'flip'])
})

test('properties that were set before the upgrade are applied by the accessors', () => {
  const element = create()
  for (const [name, value] of [
    ['width', 300],
    ['required', true],
  ] as const)
    Object.defineProperty(element, name, { value, writable: true, configurable: true, enumerable: true })
  applyEarlyProperties(element, Object.values(PROPERTIES))
  expect(Object.keys(element)).not.toContain('width')
  expect([element.width, element.getAttribute('width'), element.hasAttribute('required')]).toEqual([300, '300', true])
})
