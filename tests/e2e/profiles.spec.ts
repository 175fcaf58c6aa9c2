// Colour profiles that the small module does not apply, and those that nobody can: the person is told.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { turningProfile, withProfile } from '../profiles.js'
import { expect, fixture, openPage, pickFile, readResult, test } from './harness.js'

const photo = () => readFileSync(fixture('coffee.jpg'))

test('a JPEG whose profile holds tables is opened in the full module, which applies them', async ({ page, server }) => {
  const names: string[] = []
  page.context().on('request', (request) => {
    const name = new URL(request.url()).pathname.split('/').pop() ?? ''
    if (name.endsWith('.wasm')) names.push(name)
  })
  const file = join(server.scratch, 'tables.jpg')
  writeFileSync(file, withProfile(photo(), turningProfile()))
  await openPage(page, server)
  await pickFile(page, file)
  const { receipt } = await readResult(page)
  expect(names).toEqual(['truecrop_jpeg_bg.wasm', 'truecrop_bg.wasm'])
  expect((receipt as { source?: { ignored?: string[] } }).source?.ignored).toBeUndefined()
  await expect(page.locator('true-crop [part=note]')).toBeEmpty()
})

test('a profile that cannot be applied is said calmly, to screen readers too, until the next photo', async ({ page, server }) => {
  const file = join(server.scratch, 'aside.jpg')
  writeFileSync(file, withProfile(photo(), Buffer.from('nonsense')))
  await openPage(page, server)
  await pickFile(page, file)
  const note = page.locator('true-crop [part=note]')
  await expect(note).toHaveText(/colour profile could not be applied/)
  await expect(note).toHaveAttribute('role', 'status')
  const { facts, result } = await page.evaluate(() => {
    const { facts, result } = document.querySelector('true-crop') as TrueCrop
    return { facts: facts?.ignored, result: result?.ignored }
  })
  expect({ facts, result }).toEqual({ facts: ['profile'], result: ['profile'] })
  await pickFile(page, fixture('coffee.jpg'))
  await expect(note).toBeEmpty()
})
