// Choosing a photo: what cannot be opened leaves the crop from before, where the focus goes, where a paste goes, what can be opened.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'
import {
  digestsIn,
  expect,
  fixture,
  moveAndSettle,
  openHtml,
  openPage,
  pickFile,
  readResult,
  sha,
  test,
  waitUntilSettled,
} from './harness.js'
import { makePng } from './png.js'

/** What a page can see of the element. */
const snapshot = (page: Page) =>
  page.evaluate(() => {
    const element = document.querySelector('true-crop') as TrueCrop
    const exact = element.shadowRoot?.querySelector<HTMLImageElement>('[part=exact]')
    const parts = [...new FormData(element.form as HTMLFormElement)].map(([name, part]) => [name, (part as File).size])
    const { state, view, facts, file, validationMessage } = element
    return { state, view, facts, file: file?.name, validationMessage, parts, exact: exact?.hidden ? 'hidden' : exact?.src }
  })

test('a file that cannot be opened leaves the finished crop as it is, and that is what is submitted', async ({
  page,
  server,
}) => {
  const damaged = join(server.scratch, 'damaged.png')
  writeFileSync(damaged, makePng(40, 30, () => [1, 2, 3]).subarray(0, 30))
  await openPage(page, server, '/demo/plain.html')
  await pickFile(page, fixture('coffee.jpg'))
  await expect(page.locator('true-crop [part=exact]')).toBeVisible()
  const [before, { bytes }] = [await snapshot(page), await readResult(page)]
  expect(before.parts.map(([name]) => name)).toEqual(['main.receipt', 'main'])
  await page.evaluate(() => {
    const heard: string[] = ((window as unknown as { heard: string[] }).heard = [])
    // As an error tracker listens, and as the page listens to the element.
    for (const capture of [true, false]) window.addEventListener('error', () => heard.push('error'), capture)
    document.querySelector('true-crop')?.addEventListener('truecrop-error', ({ detail }) => heard.push(detail.code))
  })
  const files = [
    [fixture('not-supported.heic'), /in an unusual way.*The photo from before is still here\.$/],
    [fixture('not-a-picture.txt'), /still here/],
    [fixture('huge-header.jpg'), /pixels.*still here/],
    [damaged, /still here/],
  ] as const
  for (const [file, sentence] of files) {
    await page.locator('true-crop input[type=file]').setInputFiles(file)
    await expect(page.locator('true-crop [part=message]'), file).toHaveText(sentence)
    expect(await snapshot(page), file).toEqual(before)
  }
  const heard = await page.evaluate(() => (window as unknown as { heard: string[] }).heard)
  expect(heard).toEqual(['unsupported-format', 'unsupported-format', 'too-many-pixels', 'damaged-source'])
  // The next move takes the message away.
  await moveAndSettle(page, () => page.locator('true-crop [part=stage]').press('+'))
  await expect(page.locator('true-crop [part=message]')).toBeHidden()
  await page.locator('true-crop input[type=file]').setInputFiles(fixture('not-supported.heic'))
  await expect(page.locator('true-crop [part=message]')).toBeVisible()
  const moved = (await readResult(page)).bytes
  expect(sha(moved)).not.toBe(sha(bytes))
  const [answer] = await Promise.all([
    page.waitForResponse((r) => r.url().endsWith('/v1/images')),
    page.getByRole('button', { name: 'Upload' }).click(),
  ])
  expect(answer.status()).toBe(201)
  expect(digestsIn(server.store)).toContain(sha(moved))
})

test('the focus follows: to the picker while the element is empty, to the stage once a photo is there', async ({
  page,
  server,
}) => {
  // From the start, so that no dialog opens before the test listens.
  page.on('filechooser', () => undefined)
  await openHtml(page, server, '<label for="photo">Your photo</label><form><true-crop id="photo"></true-crop></form>')
  const focused = () =>
    page.evaluate(() => {
      const { activeElement } = document
      return activeElement?.shadowRoot?.activeElement?.getAttribute('part') ?? activeElement?.tagName
    })
  await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).focus())
  expect(await focused()).toBe('choose')
  const [byKey] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')])
  await byKey.setFiles(fixture('not-supported.heic'))
  await expect(page.locator('true-crop [part=message]')).toBeVisible()
  expect(await focused(), 'after a refusal').toBe('choose')
  // A label does what it does for a file input.
  const [byLabel] = await Promise.all([page.waitForEvent('filechooser'), page.getByText('Your photo').click()])
  expect(await focused(), 'after the label').toBe('choose')
  await byLabel.setFiles(fixture('coffee.jpg'))
  await waitUntilSettled(page)
  expect(await focused(), 'after picking').toBe('stage')
  const before = (await readResult(page)).receipt.crop.width
  await moveAndSettle(page, () => page.keyboard.press('+'))
  expect((await readResult(page)).receipt.crop.width).toBeLessThan(before)
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  await page.getByText('Your photo').click()
  expect(await focused(), 'after the label, with a photo').toBe('stage')
  await page.evaluate(() => document.querySelector('form')?.reset())
  expect(await focused(), 'after a reset').toBe('choose')
})

test('a paste goes to the element that has the focus, the pointer, or was used last', async ({ page, server }) => {
  const one = '<true-crop controls="none"></true-crop>'
  await openHtml(page, server, `<input id="text"><button id="other">Other</button>${one}${one}`)
  await page.addStyleTag({ content: 'true-crop { width: 200px }' })
  const boxes = page.locator('true-crop')
  /** Pastes a picture where the focus is, and says which elements open it. */
  const paste = (): Promise<number[]> =>
    page.evaluate(async () => {
      const elements = [...document.querySelectorAll('true-crop')]
      for (const element of elements) element.file = null
      let target: Element = document.activeElement ?? document.body
      while (target.shadowRoot?.activeElement) target = target.shadowRoot.activeElement
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File([new Uint8Array(8)], 'shot.png', { type: 'image/png' }))
      target.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, composed: true, cancelable: true }))
      return elements.flatMap(({ file }, i) => (file ? [i] : []))
    })
  const away = () => page.mouse.move(1, 1)
  await away()
  expect(await paste(), 'nothing tells which one').toEqual([])
  await boxes.nth(1).hover()
  expect(await paste(), 'hovered').toEqual([1])
  await page.locator('#text').focus()
  expect(await paste(), 'a text field has the focus').toEqual([])
  await page.evaluate(() => document.querySelectorAll('true-crop')[0]?.focus())
  expect(await paste(), 'focused').toEqual([0])
  await away()
  await page.locator('#other').focus()
  expect(await paste(), 'used last').toEqual([0])
  await page.evaluate(() => (document.querySelectorAll('true-crop')[0] as TrueCrop).remove())
  expect(await paste(), 'the only one').toEqual([0])
  await page.evaluate(() => ((document.querySelector('true-crop') as TrueCrop).disabled = true))
  expect(await paste(), 'disabled').toEqual([])
})

test('files, blobs, camera shots and addresses can be opened, and nothing else', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop></true-crop>')
  const opened = await page.evaluate(async () => {
    const element = document.querySelector('true-crop') as TrueCrop
    const blob = await (await fetch('sample.jpg')).blob()
    const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 })
    canvas.getContext('2d')?.fillRect(0, 0, 20, 20)
    const shot = (await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve))) as Blob
    const sources = {
      file: new File([blob], 'a.jpg'),
      blob,
      shot,
      url: new URL('sample.jpg?x=1', location.href),
      relative: 'sample.jpg',
      data: canvas.toDataURL(),
      object: URL.createObjectURL(blob),
    }
    const opened: Record<string, unknown> = {}
    for (const [kind, source] of Object.entries(sources)) {
      await element.open(source)
      opened[kind] = [element.file?.name, element.facts?.format]
    }
    return opened
  })
  const expected = {
    file: ['a.jpg', 'jpeg'],
    blob: ['photo', 'jpeg'],
    shot: ['photo', 'png'],
    url: ['sample.jpg', 'jpeg'],
    relative: ['sample.jpg', 'jpeg'],
    data: ['photo', 'png'],
    object: ['photo', 'jpeg'],
  }
  expect(opened).toEqual(expected)
  const refused = await page.evaluate(async () => {
    const element = document.querySelector('true-crop') as TrueCrop
    const codes: unknown[] = []
    for (const source of [5, null, undefined, {}, '', ['sample.jpg']]) {
      await element.open(source as string).catch((error: { code: unknown }) => codes.push(error.code))
    }
    return { codes, file: element.file?.name }
  })
  expect(refused).toEqual({ codes: Array(6).fill('invalid-option'), file: 'photo' })
})

test('src opens a photo by its address, and says when there is none', async ({ page, server }) => {
  await openHtml(page, server, '<true-crop src="sample.jpg" rotate="90"></true-crop>')
  await waitUntilSettled(page)
  expect(await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).view?.rotate)).toBe(90)
  const message = page.locator('true-crop [part=message]')
  const why = await page.evaluate(async () => {
    const element = document.querySelector('true-crop') as TrueCrop
    const heard = new Promise<string>((resolve) => element.addEventListener('truecrop-error', (e) => resolve(e.detail.message)))
    element.src = 'nothing-here.jpg'
    return heard
  })
  expect(why).toMatch(/could not be loaded from .*nothing-here\.jpg: the server answered 404\./)
  await expect(message).toHaveText(/^The photo could not be loaded\..*still here/)
  const state = await page.evaluate(() => {
    const element = document.querySelector('true-crop') as TrueCrop
    const before = element.state
    element.src = null
    return [before, element.state, element.getAttribute('src')]
  })
  expect(state).toEqual(['ready', 'empty', null])
})

test('a PNG with alpha becomes a JPEG on white, which the server takes', async ({ page, server }) => {
  await openHtml(
    page,
    server,
    `<form action="/v1/images" method="post" enctype="multipart/form-data">
      <true-crop width="64" height="64" format="jpeg" controls="none"></true-crop><button>Upload</button></form>`,
  )
  await pickFile(page, fixture('cat-alpha.png'))
  const { receipt, bytes } = await readResult(page)
  expect(receipt).toMatchObject({ background: '#ffffff', outputs: [{ format: 'jpeg' }] })
  // The white is not a letterbox: the photo still covers the frame.
  expect(receipt.view.zoom).toBeGreaterThanOrEqual(1)
  const [answer] = await Promise.all([
    page.waitForResponse((r) => r.url().endsWith('/v1/images')),
    page.getByRole('button', { name: 'Upload' }).click(),
  ])
  expect(answer.status()).toBe(201)
  expect(digestsIn(server.store)).toContain(sha(bytes))
})
