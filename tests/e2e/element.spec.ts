// The element as scripts and frameworks use it: attributes as properties, in the real browser.
import type { TrueCrop } from '../../www/element/true-crop.js'
import { expect, fixture, moveAndSettle, openPage, pickFile, readResult, test } from './harness.js'

/** Property, value that is set, its attribute, the attribute's text after that, and the property after that. */
const cases: [keyof TrueCrop, unknown, string, string | null, unknown][] = [
  ['aspect', '32:18', 'aspect', '32:18', '16:9'],
  ['width', 512, 'width', '512', 512],
  ['height', '288', 'height', '288', 288],
  ['height', 0, 'height', null, 0],
  ['format', 'png', 'format', 'png', 'png'],
  ['quality', 70, 'quality', '70', 70],
  ['maxBytes', 40_000, 'max-bytes', '40000', 40_000],
  ['background', '#FFFFFF', 'background', '#FFFFFF', '#ffffff'],
  ['name', 'avatar', 'name', 'avatar', 'avatar'],
  ['maxZoom', 8.5, 'max-zoom', '8.5', 8.5],
  ['wheel', 'ctrl', 'wheel', 'ctrl', 'ctrl'],
  ['touch', 'page', 'touch', 'page', 'page'],
  ['controls', 'full', 'controls', 'full', 'full'],
  ['required', true, 'required', '', true],
  ['disabled', true, 'disabled', '', true],
  ['disabled', false, 'disabled', null, false],
  ['rotate', 90, 'rotate', '90', 90],
  ['flip', 'vertical', 'flip', 'vertical', 'vertical'],
  ['workerUrl', '../worker.js', 'worker-url', '../worker.js', '{origin}/worker.js'],
  ['wasmUrl', '/wasm/truecrop_bg.wasm', 'wasm-url', '/wasm/truecrop_bg.wasm', '{origin}/wasm/truecrop_bg.wasm'],
  ['allWasmUrl', '/rare.wasm', 'all-wasm-url', '/rare.wasm', '{origin}/rare.wasm'],
  ['jpegWasmUrl', '/small.wasm', 'jpeg-wasm-url', '/small.wasm', '{origin}/small.wasm'],
]

test('each property sets its attribute and reads it back', async ({ page, server }) => {
  await openPage(page, server)
  const { read, undescribed } = await page.evaluate((cases) => {
    const element = document.createElement('true-crop')
    document.body.append(element)
    const own = element as unknown as Record<string, unknown>
    const read = cases.map(([property, value, attribute]) => {
      own[property] = value
      return [element.getAttribute(attribute), own[property]]
    })
    const described = new Set(cases.map(([, , attribute]) => attribute))
    const undescribed = (element.constructor as typeof TrueCrop).observedAttributes.filter((name) => !described.has(name))
    element.remove()
    return { read, undescribed }
  }, cases)
  const wanted = cases.map(([, , , attribute, value]) => [
    attribute,
    typeof value === 'string' ? value.replace('{origin}', server.url) : value,
  ])
  expect(read).toEqual(wanted)
  expect(undescribed).toEqual([])
})

test('a value that an attribute cannot have throws nothing, is reported, and reads as the default', async ({ page, server }) => {
  await openPage(page, server)
  const result = await page.evaluate(() => {
    const element = document.createElement('true-crop')
    document.body.append(element)
    const fields: (string | undefined)[] = []
    element.addEventListener('error', ({ detail }) => fields.push(detail.field))
    element.width = -3
    element.width = null
    element.format = 'tiff' as 'png'
    const read = [element.width, element.format, element.getAttribute('format')]
    element.remove()
    return { fields, read }
  })
  expect(result).toEqual({ fields: ['width', 'format'], read: [0, 'auto', 'tiff'] })
})

test('properties that are set before the element is defined are picked up', async ({ page, server }) => {
  await page.goto(`${server.url}/healthz`)
  const result = await page.evaluate(async () => {
    const element = document.createElement('true-crop')
    const early = { quality: 101, width: 300, height: 200, required: true, maxZoom: 4, flip: 'both' }
    Object.assign(element, early, { labels: { choose: 'Foto wählen' } })
    const errors: string[] = []
    element.addEventListener('error', ({ detail }) => errors.push(String(detail.field)))
    const before = element.getAttribute('width')
    document.body.append(element)
    await import(new URL('/element.js', location.href).href)
    const { width, height, required, maxZoom, flip, labels, validationMessage } = element
    const attributes = element.getAttributeNames().sort()
    const choose = element.shadowRoot?.querySelector('[part=choose]')?.textContent
    return { before, errors, width, height, required, maxZoom, flip, hint: labels.hint, validationMessage, attributes, choose }
  })
  expect(result).toEqual({
    errors: ['quality'],
    ...{ before: null, width: 300, height: 200, required: true, maxZoom: 4, flip: 'both' },
    hint: 'or drop it here, or paste it',
    validationMessage: 'Please choose a photo.',
    attributes: ['flip', 'height', 'max-zoom', 'quality', 'required', 'width'],
    choose: 'Foto wählen',
  })
})

test('properties change the picture of the photo that is open', async ({ page, server }) => {
  await openPage(page, server)
  await pickFile(page, fixture('coffee.jpg'))
  const set = (values: object) =>
    moveAndSettle(page, () =>
      page.evaluate((values) => void Object.assign(document.querySelector('true-crop') as TrueCrop, values), values),
    )
  await set({ width: 320, height: 180, format: 'png', rotate: 90 })
  const element = await page.evaluate(() => {
    const { recipe, rotate } = document.querySelector('true-crop') as TrueCrop
    // The rotation of the open photo; the attribute is only what a photo starts with.
    return { output: recipe?.outputs[0], rotate, attribute: document.querySelector('true-crop')?.getAttribute('rotate') }
  })
  expect(element).toEqual({ output: { name: 'main', width: 320, height: 180, format: 'png' }, rotate: 90, attribute: null })
  expect((await readResult(page)).bytes.subarray(1, 4).toString('latin1')).toBe('PNG')
})
