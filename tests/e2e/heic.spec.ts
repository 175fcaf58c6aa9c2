// HEIC in the element: opened by its own module, uploaded, verified from the outputs and from the source; and turned off.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { expect, fixture, openHtml, openPage, pickFile, readResult, runCli, test, upload } from './harness.js'

/** The modules that the page's worker fetches from now on, in order. */
function recordModules(page: Page): string[] {
  const names: string[] = []
  page.context().on('request', (request) => {
    const name = new URL(request.url()).pathname.split('/').pop() ?? ''
    if (name.endsWith('.wasm')) names.push(name)
  })
  return names
}

for (const [file, size] of [
  ['heic/grid-irot-3.heic', [101, 150]],
  ['heic/ten-bits.heic', [160, 107]],
  ['heic/as-written-two-profiles.heic', undefined],
] as const) {
  test(`${file} is opened, uploaded and verified from its outputs and from its source`, async ({ page, server }) => {
    const names = recordModules(page)
    await openPage(page, server)
    await pickFile(page, fixture(file))
    const { receipt, bytes } = await readResult(page)
    expect(receipt.source).toMatchObject({ format: 'heic', decoder: 'core' })
    if (size) expect([receipt.source.width, receipt.source.height]).toEqual(size)
    expect(names).toEqual(['truecrop_heic_bg.wasm'])
    await upload(page)
    const [output, sent] = [join(server.scratch, 'output'), join(server.scratch, 'receipt.json')]
    writeFileSync(output, bytes)
    writeFileSync(sent, await page.evaluate(() => (document.querySelector('true-crop') as TrueCrop).result?.receipt ?? ''))
    const verify = ['verify', '--receipt', sent, '--output', `main=${output}`]
    expect(JSON.parse(runCli(...verify))).toMatchObject({ valid: true, level: 'result' })
    expect(JSON.parse(runCli(...verify, '--source', fixture(file)))).toMatchObject({ valid: true, level: 'source' })
  })
}

test('the server makes the same of the source that is sent along', async ({ page, server }) => {
  await openPage(page, server)
  await pickFile(page, fixture('heic/grid.heic'))
  const answer = await page.evaluate(async () => {
    const { result, file } = document.querySelector('true-crop') as TrueCrop
    const form = result?.toFormData() as FormData
    form.append('main.source', file as File)
    const response = await fetch('/v1/images', { method: 'POST', body: form })
    return { status: response.status, body: await response.json() }
  })
  expect(answer).toMatchObject({ status: 201, body: { images: { main: { level: 'source' } } } })
})

test('outputs in other formats take the module with all formats: asked for, or because the photo is transparent', async ({
  page,
  server,
}) => {
  const names = recordModules(page)
  await openHtml(page, server, '<true-crop format="png"></true-crop>')
  await pickFile(page, fixture('heic/single.heic'))
  expect((await readResult(page)).bytes.subarray(1, 4).toString()).toBe('PNG')
  expect(names).toEqual(['truecrop_heic_bg.wasm', 'truecrop_all_bg.wasm'])
  await openHtml(page, server, '<true-crop></true-crop>')
  await pickFile(page, fixture('heic/alpha.heic'))
  expect((await readResult(page)).bytes.subarray(1, 4).toString()).toBe('PNG')
})

test('with decoders="none" HEIC is not offered, is refused by name, and its module is not loaded', async ({ page, server }) => {
  const names = recordModules(page)
  await openHtml(page, server, '<true-crop decoders="none"></true-crop>')
  const input = page.locator('true-crop input[type=file]')
  expect(await input.getAttribute('accept')).not.toContain('heic')
  await input.setInputFiles(fixture('heic/single.heic'))
  await expect(page.locator('true-crop [part=message]')).toContainText('HEIC photos cannot be used here.')
  expect(names).toEqual(['truecrop_jpeg_bg.wasm'])
  await page.evaluate(() => ((document.querySelector('true-crop') as TrueCrop).decoders = 'heic'))
  expect(await input.getAttribute('accept')).toContain('image/heic')
  await pickFile(page, fixture('heic/single.heic'))
  expect((await readResult(page)).receipt.source.format).toBe('heic')
})

test('a kind of HEIC that is not read is said to be unusual', async ({ page, server }) => {
  const file = join(server.scratch, 'overlay.heic')
  const picture = readFileSync(fixture('heic/grid.heic'))
  picture.write('iovl', picture.indexOf('grid'))
  writeFileSync(file, picture)
  await openHtml(page, server, '<true-crop></true-crop>')
  await page.locator('true-crop input[type=file]').setInputFiles(file)
  await expect(page.locator('true-crop [part=message]')).toContainText('stored in an unusual way')
})
