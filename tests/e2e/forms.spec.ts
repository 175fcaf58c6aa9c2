// The element in forms: the names of its parts, beside other fields, and what survives a restored page.
import type { Page } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { expect, fixture, moveAndSettle, openHtml, pickFile, readResult, test, waitUntilSettled } from './harness.js'

const parts = (page: Page, selector = 'form') =>
  page.evaluate(
    (selector) => [...new FormData(document.querySelector(selector) as HTMLFormElement)].map(([name]) => name),
    selector,
  )

const outputs = [
  { name: 'large', width: 64, height: 64 },
  { name: 'small', width: 32, height: 32 },
]
/** The element's attributes, outputs that are set by script, and the names of its parts. */
const names: [string, typeof outputs | undefined, string[]][] = [
  ['', undefined, ['main.receipt', 'main']],
  ['', outputs, ['main.receipt', 'main.large', 'main.small']],
  ['name="avatar"', undefined, ['avatar.receipt', 'avatar']],
  ['name="avatar"', outputs, ['avatar.receipt', 'avatar.large', 'avatar.small']],
  ['name="user[avatar]"', undefined, ['user[avatar].receipt', 'user[avatar]']],
  ['disabled', undefined, []],
]

test('the name names the parts, the receipt included', async ({ page, server }) => {
  const elements = names.map(([attributes]) => `<form><true-crop width="64" height="64" ${attributes}></true-crop></form>`)
  await openHtml(page, server, elements.join(''))
  const found = await page.evaluate(async (names) => {
    const elements = [...document.querySelectorAll('true-crop')]
    for (const [i, element] of elements.entries()) {
      const made = new Promise((resolve) => element.addEventListener('change', resolve))
      element.outputs = names[i]?.[1]
      await element.open('sample.jpg')
      await made
    }
    return elements.map((element) => [...new FormData(element.form as HTMLFormElement)].map(([name]) => name))
  }, names)
  expect(found).toEqual(names.map(([, , parts]) => parts))
})

test('two elements and text fields in one form: every part can be told apart, and the receipt is before its picture', async ({
  page,
  server,
}) => {
  await openHtml(
    page,
    server,
    `<form><input name="title" value="Me"><true-crop name="avatar" width="64" height="64"></true-crop>
      <true-crop name="cover" aspect="3:1" width="96"></true-crop><input name="note" value="last"></form>
    <form id="other"></form>`,
  )
  const open = (i: number) =>
    page.evaluate(async (i) => {
      const element = document.querySelectorAll('true-crop')[i] as TrueCrop
      const made = new Promise((resolve) => element.addEventListener('change', resolve, { once: true }))
      await element.open('sample.jpg')
      await made
    }, i)
  for (const i of [1, 0]) await open(i)
  expect((await parts(page)).sort()).toEqual(['avatar', 'avatar.receipt', 'cover', 'cover.receipt', 'note', 'title'])
  const order = await parts(page)
  for (const name of ['avatar', 'cover']) expect(order.indexOf(`${name}.receipt`)).toBeLessThan(order.indexOf(name))
  // A change of the name renders nothing again, and the parts follow the element to another form.
  const state = await page.evaluate(() => {
    const avatar = document.querySelector('true-crop') as TrueCrop
    avatar.name = 'face'
    const { state } = avatar
    document.querySelector('#other')?.append(avatar)
    return state
  })
  expect(state).toBe('ready')
  await page.waitForFunction(() => document.querySelector<TrueCrop>('#other true-crop')?.state === 'ready')
  expect((await parts(page)).sort()).toEqual(['cover', 'cover.receipt', 'note', 'title'])
  expect(await parts(page, '#other')).toEqual(['face.receipt', 'face'])
})

test('back and forward keep where the photo was, and say that it must be chosen again', async ({ page, server }) => {
  await openHtml(page, server, '<form><input id="text"><true-crop width="64" height="64"></true-crop></form>')
  await page.locator('#text').fill('hello')
  await pickFile(page, fixture('coffee.jpg'))
  const view = { zoom: 2.5, center: { x: 0.4, y: 0.6 }, rotate: 90, flip: 'horizontal' } as const
  await moveAndSettle(page, () =>
    page.evaluate((view) => void ((document.querySelector('true-crop') as TrueCrop).view = view), view),
  )
  const { receipt } = await readResult(page)
  const leaveAndReturn = async (): Promise<void> => {
    await page.goto(`${server.url}/healthz`)
    await page.goBack()
    await page.waitForFunction(() => customElements.get('true-crop') !== undefined)
  }
  await leaveAndReturn()
  // The browser restores this page as any other.
  await expect(page.locator('#text')).toHaveValue('hello')
  const note = page.locator('true-crop [part=note]')
  await expect(note).toHaveText(/Please choose “coffee\.jpg” again/)
  // What was restored is kept when the page is left once more.
  await leaveAndReturn()
  await expect(note).toHaveText(/Please choose “coffee\.jpg” again/)
  await pickFile(page, fixture('coffee.jpg'))
  await waitUntilSettled(page)
  expect((await readResult(page)).receipt).toEqual(receipt)
  await expect(note).toHaveText('')
})
