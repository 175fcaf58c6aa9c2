// A disabled element can be looked at, and nothing else.
import type { TrueCrop } from '../../www/element/true-crop.js'
import { expect, fixture, moveAndSettle, openHtml, pickFile, test } from './harness.js'

const ways = [
  { name: 'by its attribute', html: '<true-crop></true-crop>', disabled: 'true-crop' },
  { name: 'by its fieldset', html: '<fieldset><true-crop></true-crop></fieldset>', disabled: 'fieldset' },
] as const

for (const { name, html, disabled } of ways) {
  test(`an element that is disabled ${name} cannot be edited, and fires nothing`, async ({ page, server }) => {
    await openHtml(page, server, `<form>${html}</form>`)
    await page.addStyleTag({ content: 'true-crop { width: 400px }' })
    await pickFile(page, fixture('coffee.jpg'))
    const stage = page.locator('true-crop [part=stage]')
    await moveAndSettle(page, () => stage.press('+'))
    const view = () => page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).view)
    const setDisabled = (on: boolean) =>
      page.evaluate(([selector, on]) => document.querySelector(selector)?.toggleAttribute('disabled', on), [
        disabled,
        on,
      ] as const)
    const box = await stage.boundingBox()
    if (!box) throw new Error('no stage')
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    const drag = async (): Promise<void> => {
      await page.mouse.move(x, y)
      await page.mouse.down()
      await page.mouse.move(x + 30, y + 20, { steps: 3 })
      await page.mouse.up()
    }
    // Before it is disabled the stage has the focus, and a drag has begun.
    await stage.focus()
    await page.mouse.move(x, y)
    await page.mouse.down()
    const before = await view()
    await page.evaluate(() => {
      const heard: string[] = ((window as unknown as { heard: string[] }).heard = [])
      for (const type of ['input', 'change', 'ready', 'progress', 'truecrop-error'])
        addEventListener(type, () => heard.push(type))
    })
    await setDisabled(true)
    await page.mouse.move(x + 30, y + 20, { steps: 3 })
    await page.mouse.up()
    await drag()
    await page.mouse.dblclick(x, y)
    await page.mouse.wheel(0, -300)
    for (const key of ['ArrowRight', '+', '0', 'r', 'f', 'End', 'Control+z']) await page.keyboard.press(key)
    await stage.dispatchEvent('keydown', { key: '+' })
    expect(await view()).toEqual(before)
    const heard = () => page.evaluate(() => (window as unknown as { heard: string[] }).heard)
    expect(await heard()).toEqual([])
    await setDisabled(false)
    await moveAndSettle(page, drag)
    expect(await view()).not.toEqual(before)
    expect(await heard()).toContain('input')
  })
}
