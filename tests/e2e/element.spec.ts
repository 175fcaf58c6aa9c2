// The element as scripts and frameworks use it: attributes as properties, in the real browser.
import type { TrueCrop } from '../../www/element/true-crop.js'
import { expect, fixture, moveAndSettle, openPage, pickFile, readResult, test } from './harness.js'

/** Property, value that is set, its attribute, the attribute's text after that, and the property after that. */
const cases: [keyof TrueCrop, unknown, string, string | null, unknown][] = [
  ['aspect', '32:18', 'aspect', '32:18', '16:9'],
  ['aspects', '2:2 free', 'aspects', '2:2 free', '1:1 free'],
  ['shape', 'round', 'shape', 'round', 'round'],
  ['accept', 'image/png', 'accept', 'image/png', 'image/png'],
  ['capture', 'user', 'capture', 'user', 'user'],
  ['minWidth', 200, 'min-width', '200', 200],
  ['minHeight', 100, 'min-height', '100', 100],
  ['width', 512, 'width', '512', 512],
  ['height', '288', 'height', '288', 288],
  ['height', 0, 'height', null, 0],
  ['format', 'png', 'format', 'png', 'png'],
  ['quality', 70, 'quality', '70', 70],
  ['maxBytes', 40_000, 'max-bytes', '40000', 40_000],
  ['background', '#FFFFFF', 'background', '#FFFFFF', '#ffffff'],
  ['name', 'avatar', 'name', 'avatar', 'avatar'],
  ['src', '/healthz', 'src', '/healthz', '{origin}/healthz'],
  ['maxZoom', 8.5, 'max-zoom', '8.5', 8.5],
  ['wheel', 'ctrl', 'wheel', 'ctrl', 'ctrl'],
  ['touch', 'page', 'touch', 'page', 'page'],
  ['controls', 'full', 'controls', 'full', 'full'],
  ['required', true, 'required', '', true],
  ['disabled', true, 'disabled', '', true],
  ['disabled', false, 'disabled', null, false],
  ['straighten', true, 'straighten', '', true],
  ['multiple', true, 'multiple', '', true],
  ['rotate', 90, 'rotate', '90', 90],
  ['flip', 'vertical', 'flip', 'vertical', 'vertical'],
  ['fallback', 'none', 'fallback', 'none', 'none'],
  ['hdr', 'keep', 'hdr', 'keep', 'keep'],
  ['mask', 'ellipse', 'mask', 'ellipse', 'ellipse'],
  ['decoders', 'platform', 'decoders', 'platform', 'platform'],
  ['limits', '/v1/limits', 'limits', '/v1/limits', '{origin}/v1/limits'],
  ['policy', 'eyJhIjoxfQ.eyJiIjoyfQ.c2ln', 'policy', 'eyJhIjoxfQ.eyJiIjoyfQ.c2ln', 'eyJhIjoxfQ.eyJiIjoyfQ.c2ln'],
  ['minZoom', 0.5, 'min-zoom', '0.5', 0.5],
  ['workerUrl', '../worker.js', 'worker-url', '../worker.js', '{origin}/worker.js'],
  ['wasmUrl', '/wasm/truecrop_bg.wasm', 'wasm-url', '/wasm/truecrop_bg.wasm', '{origin}/wasm/truecrop_bg.wasm'],
  ['heicWasmUrl', '/heic.wasm', 'heic-wasm-url', '/heic.wasm', '{origin}/heic.wasm'],
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

/** Property and a value that is refused, before and while a photo is open. The messages are checked by unit tests. */
const refused: [keyof TrueCrop, string, unknown][] = [
  ['rotate', 'TypeError: rotate must be a finite number of degrees; got NaN.', Number.NaN],
  ['rotate', 'RangeError: rotate must be a finite number of degrees; got Infinity.', Infinity],
  ['rotate', 'RangeError: rotate must be a finite number of degrees; got "left".', 'left'],
  ['flip', 'RangeError: flip must be one of none, horizontal, vertical, both; got "bogus".', 'bogus'],
  ['flip', 'TypeError: flip must be one of none, horizontal, vertical, both; got true.', true],
  ['width', 'RangeError: width must be a whole number from 1 to 16383; got -3.', -3],
  ['view', 'TypeError: view must be {zoom', { zoom: Number.NaN }],
  ['outputs', 'RangeError: outputs[0].width must be a whole number', [{ name: 'main', width: 0, height: 5 }]],
  ['file', 'TypeError: file must be a File, a Blob or null; got 5.', 5],
  ['labels', 'TypeError: labels.choose must be a string', { choose: 5 }],
  ['client', 'TypeError: client must be a Truecrop; got null.', null],
]

test('a value that a property cannot have is refused in words, before anything changes', async ({ page, server }) => {
  await openPage(page, server, '/demo/plain.html')
  const tryAll = () =>
    page.evaluate((refused) => {
      const element = document.querySelector('true-crop') as TrueCrop
      const before = [element.outerHTML, element.state, JSON.stringify(element.view), element.result?.receipt]
      const thrown = refused.map(([property, , value]) => {
        try {
          ;(element as unknown as Record<string, unknown>)[property] = value
        } catch (error) {
          return String(error)
        }
        return 'nothing'
      })
      const after = [element.outerHTML, element.state, JSON.stringify(element.view), element.result?.receipt]
      return { thrown, before, after }
    }, refused)
  const check = async (): Promise<void> => {
    const { thrown, before, after } = await tryAll()
    refused.forEach(([, sentence], i) => expect(thrown[i]).toContain(sentence))
    expect(after).toEqual(before)
  }
  await check()
  await pickFile(page, fixture('coffee.jpg'))
  await check()
})

test('an attribute with a value that it cannot have is told on the console once, and its default counts', async ({
  page,
  server,
  consoleErrors,
}) => {
  await openPage(page, server, '/demo/plain.html')
  const read = await page.evaluate(() => {
    const element = document.querySelector('true-crop') as TrueCrop
    element.setAttribute('format', 'tiff')
    element.setAttribute('quality', '70')
    element.setAttribute('flip', 'bogus')
    const other = document.createElement('true-crop')
    other.setAttribute('format', 'tiff')
    document.body.append(other)
    return [element.format, element.flip, other.format]
  })
  expect(read).toEqual(['auto', 'none', 'auto'])
  expect(consoleErrors.splice(0)).toEqual([
    '<true-crop>: The attribute format must be one of auto, jpeg, png, webp. It is "tiff", so its default is used.',
    '<true-crop>: The attribute flip must be one of none, horizontal, vertical, both. It is "bogus", so its default is used.',
  ])
})

test('properties that are set before the element is defined are picked up', async ({ page, server }) => {
  await page.goto(`${server.url}/healthz`)
  const result = await page.evaluate(async () => {
    const element = document.createElement('true-crop')
    const early = { quality: 101, width: 300, height: 200, required: true, maxZoom: 4, flip: 'both' }
    Object.assign(element, early, { labels: { choose: 'Foto wählen' } })
    const errors: string[] = []
    addEventListener('error', (event) => {
      errors.push(event.message)
      event.preventDefault()
    })
    const before = element.getAttribute('width')
    document.body.append(element)
    await import(new URL('/element.js', location.href).href)
    const { width, height, required, maxZoom, flip, labels, validationMessage } = element
    const attributes = element.getAttributeNames().sort()
    const choose = element.shadowRoot?.querySelector('[part=choose]')?.textContent
    return { before, errors, width, height, required, maxZoom, flip, hint: labels.hint, validationMessage, attributes, choose }
  })
  expect(result).toEqual({
    errors: ['Uncaught RangeError: quality must be a whole number from 1 to 100; got 101.'],
    ...{ before: null, width: 300, height: 200, required: true, maxZoom: 4, flip: 'both' },
    hint: 'or drop it here, or paste it',
    validationMessage: 'Please choose a photo.',
    attributes: ['flip', 'height', 'max-zoom', 'required', 'width'],
    choose: 'Foto wählen',
  })
})

test('properties change the picture of the photo that is open', async ({ page, server }) => {
  await openPage(page, server, '/demo/plain.html')
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
