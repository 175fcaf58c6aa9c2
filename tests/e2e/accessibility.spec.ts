// Accessibility of the parts of the element that not every page has, in every state that they have.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { expect, fixture, openHtml, test, waitUntilSettled } from './harness.js'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const OUTPUTS = [{ name: 'main', width: 800, height: 800 }]

/** What is seen, the attributes, and what is set. The photo has 600 x 400 pixels. */
const cases: [name: string, attributes: string, values: object][] = [
  ['a dial and a free frame', 'aspects="free 1:1 16:9" straighten controls="full"', { rotate: 3 }],
  ['a round picture that is enlarged', 'shape="round" width="900" height="900"', {}],
  ['a photo with too few pixels', 'min-width="500" min-height="500"', {}],
  ['several crops', '', { crops: ['One', 'Two'].map((label) => ({ name: label.toLowerCase(), label, outputs: OUTPUTS })) }],
  ['several photos', 'multiple', {}],
  ['disabled', 'multiple aspects="free 1:1" straighten', { disabled: true }],
]

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, attributes, values] of cases) {
    test(`axe finds no accessibility problem: ${name}, ${colorScheme}`, async ({ page, server }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await openHtml(page, server, `<main><h1>Test</h1><true-crop ${attributes} aria-label="Photo"></true-crop></main>`)
      await page.addStyleTag({
        content: 'html { color-scheme: light dark; background: light-dark(#fff, #181a1e) } true-crop { max-width: 500px }',
      })
      await page.locator('true-crop input[type=file]').setInputFiles(fixture('coffee.jpg'))
      await page.waitForFunction(() => (document.querySelector('true-crop') as TrueCrop).state === 'ready')
      await page.evaluate((values) => void Object.assign(document.querySelector('true-crop') as TrueCrop, values), values)
      if (name !== 'a photo with too few pixels') await waitUntilSettled(page)
      // Parts that are asked for later are loaded later.
      await page.waitForLoadState('networkidle')
      const found = await page.evaluate(async (source) => {
        new Function(source)()
        const { violations } = await (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run()
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
      }, axe)
      expect(found).toEqual([])
    })
  }
}

test('the page with several pictures sends all of them in one form', async ({ page, server }) => {
  await page.goto(`${server.url}/demo/more.html`)
  await page.waitForFunction(() => document.querySelectorAll('true-crop:defined').length === 3)
  const input = (name: string) => page.locator(`true-crop[name=${name}] input[type=file]`)
  await input('avatar').setInputFiles(fixture('coffee.jpg'))
  await input('photo').setInputFiles(fixture('coffee.jpg'))
  await input('gallery').setInputFiles([fixture('coffee.jpg'), fixture('cat.png')])
  await page.waitForFunction(() => [...document.querySelectorAll('true-crop')].every(({ state }) => state === 'ready'))
  const [response] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/v1/images')),
    page.getByRole('button', { name: 'Upload all' }).click(),
  ])
  expect(response.status()).toBe(201)
  const { images } = (await response.json()) as { images: Record<string, unknown> }
  const names = ['avatar', 'gallery-1', 'gallery-2', 'photo-square', 'photo-story', 'photo-wide']
  expect(Object.keys(images).sort()).toEqual(names)
})
