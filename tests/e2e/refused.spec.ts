// What must be refused: forgeries by the server, files by the engine. After a failure everything must still work.
import { expect, filesIn, fixture, openPage, pickFile, readResult, test } from './harness.js'
import type { TrueCrop } from '../../www/element/true-crop.js'

const forgeries = [
  { button: 'Change one byte of the picture', code: 'digest-mismatch', field: /outputs\[0\]/ },
  { button: 'Change one byte of the receipt', code: 'receipt-digest-mismatch', field: /digest/ },
  { button: 'Move the crop and seal', code: 'geometry-mismatch', field: /crop|view/ },
  { button: 'Hide data behind', code: 'not-canonical', field: /outputs\[0\]/ },
  { button: 'Claim another size', code: /not-canonical|policy-violation|geometry-mismatch/, field: /outputs\[0\]/ },
  { button: 'Leave the picture out', code: 'outputs-mismatch', field: /outputs|main/ },
]

test('each forgery is refused with its code, and nothing is stored', async ({ page, server }) => {
  await openPage(page, server)
  await pickFile(page, fixture('phone-orientation-6.jpg'))
  const before = filesIn(server.store)
  await page.getByText('Tamper with it').click()
  for (const { button, code, field } of forgeries) {
    await page.getByRole('button', { name: button, exact: button.startsWith('Change') }).click()
    await expect(page.locator('#verdict-text'), button).toContainText(`You tried: “${button}`)
    await expect(page.locator('#verdict-title')).toHaveText('Refused, as it should be')
    const facts = page.locator('#verdict-facts')
    await expect(facts.locator('dd').first(), button).toHaveText(code)
    await expect(facts.locator('div', { hasText: 'Field' }).locator('dd'), button).toHaveText(field)
    expect(filesIn(server.store), button).toEqual(before)
  }
})

const files = [
  ['not-supported.heic', /in an unusual way/],
  ['not-supported.avif', /AVIF/],
  ['not-a-picture.txt', /not a photo/],
  ['empty.jpg', /is empty/],
  ['huge-header.jpg', /4,295 megapixels/],
] as const

test('files that cannot be used are refused with an explanation, and the next one works', async ({ page, server }) => {
  await openPage(page, server)
  for (const [name, sentence] of files) {
    await page.locator('true-crop input[type=file]').setInputFiles(fixture(name))
    await expect(page.locator('true-crop [part=message]'), name).toHaveText(sentence)
    // The message can be seen: nothing covers it.
    const message = page.locator('true-crop [part=message]')
    await message.scrollIntoViewIfNeeded()
    const top = await message.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect()
      return (element.getRootNode() as ShadowRoot).elementFromPoint(left + width / 2, top + height / 2) === element
    })
    expect(top, name).toBe(true)
    await page.locator('#upload').click()
    expect(await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).validity.customError), name).toBe(true)
  }
  await pickFile(page, fixture('coffee.jpg'))
  await expect(page.locator('true-crop [part=message]')).toBeHidden()
})

test('a broken engine gives a typed error, and the next photo works', async ({ page, server, consoleErrors }) => {
  // The first worker gets an engine that traps when it renders; the second worker gets the real one.
  let patched = false
  await page.context().route('**/worker.js', async (route) => {
    const response = await route.fetch()
    const body = await response.text()
    if (patched) return route.fulfill({ response, body })
    patched = true
    const trap = '[0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,5,1,3,0,0,11]'
    const broken = `const load = WebAssembly.instantiateStreaming
      const trap = () => new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(${trap}))).exports.f()
      WebAssembly.instantiateStreaming = async (...input) => {
        const { instance, module } = await load(...input)
        return { module, instance: { exports: { ...instance.exports, session_render: trap } } }
      }`
    return route.fulfill({ response, body: `${broken}\n${body}` })
  })
  await openPage(page, server)
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('coffee.jpg'))
  await expect(page.locator('true-crop [part=message]')).toHaveText(/^Something went wrong with this photo/)
  expect(consoleErrors.splice(0).join()).toContain('The engine broke')
  expect(patched).toBe(true)
  await pickFile(page, fixture('coffee.jpg'))
  expect((await readResult(page)).bytes.length).toBeGreaterThan(1000)
})

test('when a server returns HTML in place of the wasm and its copy, the developer is told so', async ({
  page,
  server,
  consoleErrors,
}) => {
  const html = { status: 200, contentType: 'text/html', body: '<!doctype html>' }
  await page.context().route(/truecrop_jpeg_bg\.wasm$|inline\/data/, (route) => route.fulfill(html))
  await openPage(page, server)
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('coffee.jpg'))
  await expect(page.locator('true-crop [part=note]')).toContainText('the server makes the picture')
  expect(consoleErrors.splice(0).join()).toContain('returned HTML')
})

test('an abort stops the render, and the worker can be used further', async ({ page, server }) => {
  await openPage(page, server)
  const result = await page.evaluate(async () => {
    const { openPhoto } = (await import(new URL('../index.js', location.href).href)) as typeof import('../../www/client/index.js')
    const photo = await openPhoto(await (await fetch('sample.jpg')).blob())
    const { crop } = await photo.solve({ zoom: 1, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }, [1, 1])
    const recipe = { truecrop: 1, crop, outputs: [{ name: 'main', width: 6000, height: 6000, format: 'png' }] } as const
    const control = new AbortController()
    const run = photo.render(
      { ...recipe, outputs: [...recipe.outputs] },
      { signal: control.signal, onProgress: () => control.abort() },
    )
    const first = await run.then(
      () => 'done',
      (error: Error) => error.name,
    )
    const start = performance.now()
    const next = await photo.render({ ...recipe, outputs: [{ name: 'main', width: 16, height: 16, format: 'png' }] })
    await photo.close()
    return { first, bytes: next.outputs[0]?.size ?? 0, waited: performance.now() - start }
  })
  expect(result.first).toBe('AbortError')
  expect(result.bytes).toBeGreaterThan(100)
  expect(result.waited).toBeLessThan(3000)
})

test('a move during a render replaces it: no result of an earlier view is shown', async ({ page, server }) => {
  await openPage(page, server)
  await page.locator('true-crop').evaluate((element) => Object.assign(element, { width: 2000, height: 2000 }))
  await pickFile(page, fixture('coffee.jpg'))
  const changes = await page.evaluate(async () => {
    const element = document.querySelector('true-crop') as TrueCrop
    const changes: [of: number | undefined, shown: number | undefined][] = []
    element.addEventListener('change', ({ detail }) => changes.push([detail.view.zoom, element.view?.zoom]))
    for (let i = 1; i <= 10; i += 1) {
      element.view = { zoom: 1 + i / 10, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }
      await new Promise((resolve) => setTimeout(resolve))
    }
    await new Promise<void>((resolve) => {
      const check = (): void => (element.state === 'ready' ? resolve() : void setTimeout(check, 10))
      check()
    })
    return changes
  })
  expect(changes.filter(([of, shown]) => of !== shown)).toEqual([])
  expect(changes.at(-1)?.[0]).toBeCloseTo(2, 2)
  expect((await readResult(page)).receipt.view.zoom).toBeCloseTo(2, 2)
})
