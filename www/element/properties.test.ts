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
  ['aspect', 'wide', 'wide', '1:1'],
  ['aspect', null, null, '1:1'],
  ['width', 512, '512', 512],
  ['width', '512', '512', 512],
  ['width', 512.9, '512', 512],
  ['width', 0, null, 0],
  ['width', -3, '-3', 0],
  ['width', 16_384, '16384', 0],
  ['width', Number.NaN, null, 0],
  ['width', 'wide', null, 0],
  ['width', undefined, null, 0],
  ['height', 16_383, '16383', 16_383],
  ['format', 'webp', 'webp', 'webp'],
  ['format', 'tiff', 'tiff', 'auto'],
  ['format', undefined, null, 'auto'],
  ['quality', 70, '70', 70],
  ['quality', 101, '101', 0],
  ['maxBytes', 40_000, '40000', 40_000],
  ['maxBytes', 4_294_967_296, '4294967296', 0],
  ['background', '#FFEE00', '#FFEE00', '#ffee00'],
  ['background', 'transparent', 'transparent', 'transparent'],
  ['background', 'red', 'red', ''],
  ['name', 'avatar', 'avatar', 'avatar'],
  ['name', null, null, ''],
  ['maxZoom', 2.5, '2.5', 2.5],
  ['maxZoom', 0.5, '0.5', Infinity],
  ['maxZoom', Infinity, null, Infinity],
  ['maxZoom', undefined, null, Infinity],
  ['wheel', 'ctrl', 'ctrl', 'ctrl'],
  ['wheel', 'never', 'never', 'always'],
  ['touch', 'page', 'page', 'page'],
  ['controls', 'none', 'none', 'none'],
  ['required', true, '', true],
  ['required', false, null, false],
  ['disabled', 1, '', true],
  ['workerUrl', 'worker.js', 'worker.js', 'https://site.example/shop/worker.js'],
  ['workerUrl', null, null, ''],
  ['wasmUrl', '/all.wasm', '/all.wasm', 'https://site.example/all.wasm'],
  ['wasmUrl', 'https://', 'https://', 'https://'],
  ['allWasmUrl', '/rare.wasm', '/rare.wasm', 'https://site.example/rare.wasm'],
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

test('maxZoom refuses what is not a number', () => {
  const element = create()
  for (const value of [Number.NaN, 'far']) expect(() => (element.maxZoom = value as number), String(value)).toThrow(TypeError)
  expect(element.hasAttribute('max-zoom')).toBe(false)
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
