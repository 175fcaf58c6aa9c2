// The goldens in Chromium: each recipe, and each file of tests/fixtures/field, gives the bytes that it gives natively.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, openPage, root, test } from './harness.js'

test('outputs in Chromium are the goldens, byte for byte', async ({ page, server }) => {
  test.setTimeout(300_000)
  // The server serves dist only: the test files are served from here.
  await page.context().route('**/tests/**', async (route) => {
    const { pathname } = new URL(route.request().url())
    const types: Record<string, string> = { js: 'text/javascript', json: 'application/json' }
    const contentType = types[pathname.split('.').pop() ?? ''] ?? 'application/octet-stream'
    await route.fulfill({ body: readFileSync(join(root, pathname)), contentType })
  })
  await openPage(page, server)
  const { wrong, count, field } = await page.evaluate(
    () =>
      new Promise<{ wrong: string[]; count: number; field: number }>((resolve, reject) => {
        const worker = new Worker('/tests/goldens/worker.js', { type: 'module' })
        worker.onmessage = ({ data }) => resolve(data as { wrong: string[]; count: number; field: number })
        worker.onerror = ({ message }) => reject(new Error(message))
        worker.postMessage('go')
      }),
  )
  expect(wrong).toEqual([])
  const goldens = JSON.parse(readFileSync(join(root, 'tests/goldens/goldens.json'), 'utf8')) as {
    sources: Record<string, Record<string, string[]>>
  }
  expect(field).toBeGreaterThanOrEqual(83)
  expect(count).toBe(Object.values(goldens.sources).reduce((sum, results) => sum + Object.keys(results).length, 0))
})
