/**
 * How long a person waits: from picking a photo to the first sight of it, and from the hand at rest to the exact picture. Prints figures
 * and holds none, because they depend on the machine: `SPEED=FOLDER npx playwright test speed`, where FOLDER has JPEGs (`npm run bench`
 * makes some, in target/bench). Each JPEG is also taken with a small picture in its EXIF data.
 */

import type { Page } from '@playwright/test'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readHead } from '../../www/element/parts/thumbnail.js'
import type { TrueCrop } from '../../www/element/true-crop.js'
import { withExif } from '../exif.js'
import { openHtml, runCli, test, waitUntilSettled } from './harness.js'

const folder = process.env.SPEED ?? ''
const files = folder ? readdirSync(folder).filter((name) => name.endsWith('.jpg')) : []
const [PICKS, MOVES] = [8, 24]

const shown = (times: number[]): string => {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(0)
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms (${times.length})`
}

/** Milliseconds from the choice of a file until a frame with the first picture is drawn, and until the photo is ready. */
async function pick(page: Page, file: string): Promise<[first: number, ready: number]> {
  await page.evaluate(() => {
    const element = document.querySelector('true-crop') as TrueCrop
    const root = element.shadowRoot as ShadowRoot
    const drawn = (): Promise<number> =>
      new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now()))))
    const times = new Promise((resolve) => {
      root.querySelector('input[type=file]')?.addEventListener(
        'change',
        () => {
          const start = performance.now()
          let first: Promise<number> | undefined
          const look = (): void => {
            if (root.querySelector('[part=stage][data-first]')) first ??= drawn()
          }
          const observer = new MutationObserver(look)
          observer.observe(root, { subtree: true, attributes: true, childList: true })
          element.addEventListener(
            'change',
            async () => {
              const ready = performance.now() - start
              observer.disconnect()
              resolve([((await first) ?? Number.NaN) - start, ready])
            },
            { once: true },
          )
        },
        { once: true, capture: true },
      )
    })
    Object.assign(globalThis, { times })
  })
  // By the button: what the photo will need is loaded while the dialog is open.
  const [dialog] = await Promise.all([page.waitForEvent('filechooser'), page.locator('true-crop [part=choose]').click()])
  await page.waitForTimeout(1000)
  await dialog.setFiles(file)
  return page.evaluate(() => (globalThis as unknown as { times: Promise<[number, number]> }).times)
}

/** Milliseconds from each move to its exact picture. */
async function moves(page: Page, view: { zoom: number; rotate: number }): Promise<number[]> {
  await page.evaluate((view) => {
    const element = document.querySelector('true-crop') as TrueCrop
    element.view = { ...view, center: { x: 0.5, y: 0.5 }, flip: 'none' }
  }, view)
  await waitUntilSettled(page)
  const times: number[] = []
  for (let i = 0; i < MOVES; i += 1) {
    times.push(
      await page.evaluate(
        ([view, i]) =>
          new Promise<number>((resolve) => {
            const element = document.querySelector('true-crop') as TrueCrop
            const start = performance.now()
            element.addEventListener('change', () => resolve(performance.now() - start), { once: true })
            element.view = { ...view, center: { x: 0.35 + 0.01 * i, y: 0.6 - 0.01 * i }, flip: 'none' }
          }),
        [view, i] as const,
      ),
    )
  }
  return times
}

test.skip(!folder, 'SPEED names no folder')

for (const name of files) {
  test(`${name}: how long a person waits`, async ({ browser, server }) => {
    test.setTimeout(600_000)
    const plain = join(folder, name)
    const [small, withSmall] = [join(server.scratch, 'small.jpg'), join(server.scratch, `small-${name}`)]
    const { width, height } = readHead(readFileSync(plain)) ?? { width: 1, height: 1 }
    const crop = ['--crop', `0,0,${width},${height}`, '--size', `160x${Math.round((160 * height) / width)}`]
    runCli('crop', plain, ...crop, '--format', 'jpeg', '-o', small)
    writeFileSync(withSmall, withExif(readFileSync(plain), { thumbnail: readFileSync(small) }))
    for (const [kind, file] of [
      ['no small picture', plain],
      ['a small picture', withSmall],
    ] as const) {
      const times: [number, number][] = []
      for (let i = 0; i < PICKS; i += 1) {
        const page = await browser.newPage({ viewport: { width: 800, height: 800 } })
        await openHtml(page, server, '<true-crop width="512" height="512" style="inline-size: 500px"></true-crop>')
        times.push(await pick(page, file))
        await page.close()
      }
      const [first, ready] = [0, 1].map((which) => shown(times.map((pair) => pair[which] as number)))
      console.log(`${name}, ${kind}: first sight ${first}; exact ${ready}`)
    }
    const page = await browser.newPage({ viewport: { width: 800, height: 800 } })
    await openHtml(page, server, '<true-crop width="512" height="512" style="inline-size: 500px"></true-crop>')
    await pick(page, plain)
    for (const view of [
      { zoom: 1, rotate: 0 },
      { zoom: 4, rotate: 0 },
      { zoom: 1.5, rotate: 7 },
      { zoom: 4, rotate: 7 },
    ]) {
      console.log(`${name}, zoom ${view.zoom}, turned ${view.rotate}: at rest ${shown(await moves(page, view))}`)
    }
    await page.close()
  })
}
