// The element's languages: `lang` decides, every text comes from the tables, and every language fits on a small phone.
import type { Page } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { TrueCrop } from '../../www/element/true-crop.js'
import en from '../../www/element/languages/en.js'
import { expect, fixture, moveAndSettle, openHtml, pickFile, test } from './harness.js'

type Languages = typeof import('../../www/element/languages/index.js')

const TAGS = ['en', 'ko', 'de', 'fr', 'es', 'pt', 'ja', 'zh', 'ar']
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const choose = (page: Page) => page.locator('true-crop [part=choose]')
const message = (page: Page) => page.locator('true-crop [part=message]')

test('the nearest lang decides, also outside of a shadow tree, and may change', async ({ page, server }) => {
  await openHtml(
    page,
    server,
    `<true-crop id="page"></true-crop>
     <section lang="fr-CA"><true-crop id="section"></true-crop><true-crop id="own" lang="ja"></true-crop></section>
     <div id="host" lang="es"></div><true-crop id="unknown" lang="fi"></true-crop>`,
  )
  await page.evaluate(() => {
    const shadow = document.querySelector('#host')?.attachShadow({ mode: 'open' })
    shadow?.append(Object.assign(document.createElement('true-crop'), { id: 'shadow' }))
  })
  const check = async (words: Record<string, string>): Promise<void> => {
    for (const [id, text] of Object.entries(words)) await expect(page.locator(`#${id} [part=choose]`), id).toHaveText(text)
  }
  const [english, french] = ['Choose a photo', 'Choisir une photo']
  await check({ page: english, section: french, own: '写真を選ぶ', shadow: 'Elegir una foto', unknown: english })
  await page.evaluate(() => {
    document.documentElement.lang = 'ko'
    document.querySelector('#host')?.setAttribute('lang', 'de')
    document.querySelector('#own')?.removeAttribute('lang')
  })
  await check({ page: '사진 선택', section: french, own: french, shadow: 'Foto wählen', unknown: english })
  // Moved to another place, it speaks that place's language.
  await page.evaluate(() => document.body.append(document.querySelector('#section') as Node))
  await check({ section: '사진 선택' })
  // English on a page that is not: screen readers must know.
  const lang = (id: string) => page.locator(`#${id} .wrap`).getAttribute('lang')
  expect([await lang('section'), await lang('own'), await lang('unknown')]).toEqual(['ko', 'fr', 'en'])
})

test('an empty element in English loads no texts; the first photo does', async ({ page, server }) => {
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname))
  await openHtml(page, server, '<true-crop></true-crop>')
  await expect(choose(page)).toHaveText('Choose a photo')
  expect(loaded.filter((path) => path.includes('languages'))).toEqual([])
  await pickFile(page, fixture('coffee.jpg'))
  expect(loaded.filter((path) => path.includes('languages'))).toEqual(['/languages.js'])
})

test('refusals, the form’s own messages and changes while a photo is open are in the language', async ({ page, server }) => {
  await openHtml(page, server, '<main lang="de"><true-crop required decoders="none"></true-crop></main>')
  await expect(choose(page)).toHaveText('Foto wählen')
  const validity = () => page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).validationMessage)
  expect(await validity()).toBe('Bitte ein Foto wählen.')
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('not-supported.heic'))
  await expect(message(page)).toContainText('HEIC-Fotos können hier nicht verwendet werden.')
  expect(await validity()).toContain('HEIC-Fotos')
  await page.evaluate(() => ((document.querySelector('main') as HTMLElement).lang = 'ja'))
  await expect(message(page)).toContainText('HEIC の写真は使用できません。')
  await pickFile(page, fixture('coffee.jpg'))
  await expect(page.locator('true-crop [part~=button-undo]')).toHaveAttribute('aria-label', '元に戻す')
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('not-a-picture.txt'))
  await expect(message(page)).toContainText('前の写真はそのまま残っています。')
})

test('labels of the page win in every language, and a language can be added', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop></true-crop>')
  await page.evaluate(() => {
    const element = document.querySelector('true-crop') as TrueCrop
    element.labels = { hint: 'Portraits only', 'empty-source': 'Nothing in it!' }
    element.lang = 'nl'
  })
  await expect(choose(page)).toHaveText('Choose a photo')
  await page.evaluate(async () => {
    const { addLanguage } = (await import(new URL('../languages.js', location.href).href)) as Languages
    addLanguage('nl', async () => ({ choose: 'Kies een foto', hint: 'of sleep hem hierheen' }))
  })
  await expect(choose(page)).toHaveText('Kies een foto')
  await expect(page.locator('true-crop .hint')).toHaveText('Portraits only')
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('empty.jpg'))
  await expect(message(page)).toHaveText('Nothing in it!')
})

test('where the texts cannot be loaded, the element works, and errors are the engine’s own sentences', async ({
  page,
  server,
  consoleErrors,
}) => {
  await page.route('**/languages.js', (route) => route.abort())
  await openHtml(page, server, '<main lang="ko"><true-crop decoders="none"></true-crop></main>')
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('not-supported.heic'))
  await expect(message(page)).toContainText('The file is a HEIC picture')
  await pickFile(page, fixture('coffee.jpg'))
  consoleErrors.length = 0
})

/** All texts of the element that a person can see or hear, now. */
const texts = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found = new Set<string>()
    const walk = (node: Node): void => {
      if (node instanceof Text) found.add(node.data)
      if (node instanceof HTMLElement) {
        for (const name of [
          'aria-label',
          'title',
          'alt',
          'placeholder',
          'aria-valuetext',
          'aria-description',
          'aria-roledescription',
        ])
          found.add(node.getAttribute(name) ?? '')
        if (node.shadowRoot) walk(node.shadowRoot)
      }
      for (const child of node.childNodes) walk(child)
    }
    const element = document.querySelector('true-crop') as TrueCrop
    walk(element)
    found.add(element.validationMessage)
    return [...found].map((text) => text.trim()).filter(Boolean)
  })

test('no sentence of the element is outside of the tables', async ({ page, server }) => {
  const attributes = 'controls="full" required straighten aspects="1:1 4:3 free" width="600" decoders="none"'
  await openHtml(page, server, `<true-crop ${attributes}></true-crop>`)
  await page.evaluate(async (keys) => {
    const { addLanguage } = (await import(new URL('../languages.js', location.href).href)) as Languages
    addLanguage('qaa', Object.fromEntries(keys.map((key) => [key, `⟦${key}⟧`])))
    document.documentElement.lang = 'qaa'
  }, Object.keys(en))
  await expect(choose(page)).toHaveText('⟦choose⟧')
  const seen = new Set<string>()
  const check = async (when: string): Promise<void> => {
    const found = await texts(page)
    // What is left beside the marks: percentages and aspect ratios.
    const rest = found.map((text) => text.replaceAll(/⟦[\w.-]+⟧/g, '').trim()).filter((text) => !/^[\d.,%°: ]*$/.test(text))
    expect(rest, when).toEqual([])
    for (const text of found) for (const [, key] of text.matchAll(/⟦([\w.-]+)⟧/g)) seen.add(key ?? '')
  }
  await check('empty')
  for (const [file, key] of [
    ['not-supported.heic', 'unsupported-format.heic'],
    ['not-a-picture.txt', 'unsupported-format.unknown'],
    ['empty.jpg', 'empty-source'],
    ['huge-header.jpg', 'too-many-pixels'],
  ] as const) {
    await page.locator('true-crop input[type=file]').setInputFiles(fixture(file))
    await expect(message(page), file).toHaveText(`⟦${key}⟧`)
    await check(file)
  }
  await pickFile(page, fixture('coffee.jpg'))
  await expect(page.locator('true-crop [role=status].quiet')).toHaveText('⟦position⟧')
  await check('with a photo')
  await page.getByRole('radio', { name: '⟦free⟧' }).check()
  await expect(page.locator('true-crop [part=size]')).toHaveText('⟦size⟧')
  await check('with a free frame')
  await page.getByRole('radio', { name: '4:3' }).check()
  await moveAndSettle(page, () => page.locator('true-crop [part~=button-turnright]').click())
  await expect(page.locator('true-crop [role=status].quiet')).toHaveText('⟦position⟧⟦comma⟧⟦turned⟧')
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('empty.jpg'))
  await expect(message(page)).toHaveText('⟦empty-source⟧ ⟦kept⟧')
  await check('with a refusal')
  expect(seen.size).toBeGreaterThan(25)
})

for (const tag of TAGS) {
  test(`${tag}: it fits at 320 pixels, and axe finds nothing`, async ({ page, server }) => {
    await page.setViewportSize({ width: 320, height: 1000 })
    await openHtml(
      page,
      server,
      '<main><h1>truecrop</h1><true-crop controls="full" aspects="1:1 free" straighten decoders="none" aria-label="1"></true-crop></main>',
    )
    await page.addStyleTag({ content: 'body { margin: 8px; font: 16px system-ui } h1 { margin: 0 }' })
    await page.evaluate((tag) => (document.documentElement.lang = tag), tag)
    const check = async (when: string): Promise<void> => {
      const wide = await page.evaluate(() => {
        const root = (document.querySelector('true-crop') as TrueCrop).shadowRoot as ShadowRoot
        const all = [...root.querySelectorAll<HTMLElement>('button, p, label, .message, .note, .warning')].filter(
          (part) => part.offsetParent,
        )
        const out = all.filter((part) => part.scrollWidth > part.clientWidth + 1 || part.getBoundingClientRect().right > 313)
        return [document.documentElement.scrollWidth, out.map((part) => part.className + part.textContent)]
      })
      expect(wide, when).toEqual([320, []])
      const found = await page.evaluate(async (source) => {
        if (!('axe' in window)) new Function(source)()
        const { violations } = await (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run()
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
      }, axe)
      expect(found, when).toEqual([])
      if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${tag}-${when}.png` })
    }
    await page.waitForFunction(
      (tag) => document.querySelector('true-crop')?.shadowRoot?.querySelector<HTMLElement>('.wrap')?.lang === tag,
      tag,
    )
    await check('empty')
    await page.locator('true-crop input[type=file]').setInputFiles(fixture('not-supported.heic'))
    await expect(message(page)).toContainText('HEIC')
    await check('refused')
    await pickFile(page, fixture('coffee.jpg'))
    await page.locator('true-crop input[type=file]').setInputFiles(fixture('not-supported.heic'))
    await expect(message(page)).toContainText('HEIC')
    await check('kept')
    // Twice the text's size.
    await page.addStyleTag({ content: 'body { font-size: 32px } h1 { font-size: 32px }' })
    await check('large')
  })
}
