// What a screen reader says at each step: the table of docs/ACCESSIBILITY.md, done step by step in a real browser.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { expect, fixture, openHtml, root, test, waitUntilSettled } from './harness.js'

const press = (key: string) => async (page: Page) => {
  await page.locator('true-crop [part=stage]').focus()
  await page.keyboard.press(key)
}
const choose = (file: string) => (page: Page) => page.locator('true-crop input[type=file]').setInputFiles(fixture(file))
const click = (name: string) => (page: Page) => page.getByRole('button', { name, exact: true }).click()

/** How each step of the table is done. */
const STEPS: Record<string, (page: Page) => Promise<unknown>> = {
  'Choose coffee.jpg': choose('coffee.jpg'),
  'Press the right arrow with Shift': press('Shift+ArrowRight'),
  'Press plus': press('+'),
  'Press R': press('r'),
  'Press F': press('f'),
  'Press “Mirror top and bottom”': click('Mirror top and bottom'),
  'Press Ctrl Z': press('Control+z'),
  'Press 0': press('0'),
  'Choose a HEIC file': choose('not-supported.heic'),
  'Choose a file that is cut off': choose('coffee-truncated.jpg'),
  'Press “Remove the photo”': click('Remove the photo'),
  'Submit the form': (page) => page.evaluate(() => (document.querySelector('form') as HTMLFormElement).requestSubmit()),
}

/** The rows of the table: what is done, and what is said. */
const rows = readFileSync(join(root, 'docs/ACCESSIBILITY.md'), 'utf8')
  .split('\n')
  .map((line) => /^\| \d+ \| (.+?) \| (.+?) \|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, step = '', said = '']) => ({ step, said }))

test('each step is announced as the documentation says', async ({ page, server }) => {
  expect(rows.map(({ step }) => step)).toEqual(Object.keys(STEPS))
  await openHtml(
    page,
    server,
    '<form><label>Photo <true-crop width="200" height="200" required decoders="none"></true-crop></label></form>',
  )
  await page.evaluate(() => {
    const said: string[] = ((window as unknown as { said: string[] }).said = [])
    const shadow = (document.querySelector('true-crop') as TrueCrop).shadowRoot as ShadowRoot
    for (const region of shadow.querySelectorAll<HTMLElement>('[role=status], [role=alert]')) {
      let last = ''
      const hear = (): void => {
        const text = region.hidden ? '' : (region.textContent ?? '').trim()
        if (text && text !== last) said.push(text)
        last = text
      }
      new MutationObserver(hear).observe(region, { childList: true, characterData: true, subtree: true, attributes: true })
    }
    const element = document.querySelector('true-crop') as TrueCrop
    element.addEventListener('invalid', () => said.push(element.validationMessage))
  })
  const made: { step: string; said: string }[] = []
  for (const { step } of rows) {
    await page.evaluate(() => void ((window as unknown as { said: string[] }).said.length = 0))
    await STEPS[step]?.(page)
    await page.waitForFunction(() =>
      ['ready', 'empty', 'failed'].includes((document.querySelector('true-crop') as TrueCrop).state),
    )
    if (!/Remove|Submit/.test(step)) await waitUntilSettled(page)
    // Texts wait until the hand rests; those of a moment are said on slow machines only.
    await page.waitForTimeout(700)
    const said = await page.evaluate(() => [...new Set((window as unknown as { said: string[] }).said)])
    made.push({ step, said: said.filter((text) => !/^(Opening |The photo is open)/.test(text)).join(' / ') || 'nothing' })
  }
  if (process.env.TRUECROP_BLESS) console.log(made.map(({ step, said }, i) => `| ${i + 1} | ${step} | ${said} |`).join('\n'))
  expect(made).toEqual(rows)
})
