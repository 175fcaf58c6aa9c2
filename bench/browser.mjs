// Benchmarks in Chromium: the same crops of the same picked files in headless Chromium, by truecrop and by its peers; medians of wall time,
// and the peak of the renderer's memory above what it held before (Linux only).
import { readFileSync, writeFileSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { chromium as installed } from '../scripts/lib/setup.mjs'
import { serve } from './server.mjs'

export { moduleSizes } from './server.mjs'

const whole = { name: 'whole', zoom: 1, center: { x: 0.5, y: 0.5 } }
const zoomed = { name: 'zoom 4', zoom: 4, center: { x: 0.5, y: 0.5 } }
const corner = { name: 'zoom 40, corner', zoom: 40, center: { x: 1, y: 1 } }

const cases = {
  '8k': [whole, zoomed, corner],
  '8k-progressive': [whole, zoomed],
  '8k-png': [whole, zoomed],
  '8k-webp': [whole],
  '108mp': [whole, zoomed, corner],
  '108mp-progressive': [whole],
}

/** The peers' names; the first two are the browser's own ways. */
export const names = ['canvas', 'decoder', 'jsquash', 'vips', 'pica', 'cropperjs']

/** jSquash's decoder is one for JPEG alone. */
const reads = (who, format) => who !== 'jsquash' || format === 'jpeg'

/** Slow peers are asked less often. */
const LIBRARY_ROUNDS = 5

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1]

/** Rows for the report. */
export async function inBrowser(catalogue, { pattern, rounds }) {
  const server = await serve()
  const args = ['--no-sandbox', '--disable-gpu']
  const browser = await chromium.launch({ executablePath: installed(), args })
  const rows = []
  try {
    process.stderr.write(`Chromium ${browser.version()}\n`)
    for (const picture of catalogue) {
      const views = (cases[picture.name] ?? []).filter(({ name }) => pattern.test(`${picture.name} ${name}`))
      if (!views.length) continue
      const page = await browser.newPage()
      await page.goto(server.url)
      await page.waitForFunction('globalThis.bench')
      await page.locator('#file').setInputFiles(picture.file)
      const started = await page.evaluate(() => bench.start())
      process.stderr.write(`${picture.name}: worker and module in ${started.toFixed(0)} ms\n`)
      for (const view of views) rows.push(await measure(browser, page, picture, view, rounds))
      await page.close()
    }
  } finally {
    await browser.close()
    server.close()
  }
  return rows
}

async function measure(browser, page, picture, view, rounds) {
  const crop = await page.evaluate((view) => bench.crop(view), view)
  const ours = []
  const peak = await peakOf(browser, async () => ours.push(await page.evaluate((crop) => bench.truecrop(crop), crop)))
  while (ours.length < rounds) ours.push(await page.evaluate((crop) => bench.truecrop(crop), crop))
  const row = { name: `${picture.name} ${view.name}`, peak, memory: Math.max(...ours.map(({ memory }) => memory)), peers: {} }
  for (const kind of ['first', 'again']) {
    row[kind] = {
      took: median(ours.map((run) => run[kind].took)),
      trip: median(ours.map((run) => run[kind].trip)),
    }
  }
  for (const who of names) {
    if (!reads(who, picture.format)) continue
    const times = []
    const once = async () => times.push(await page.evaluate(([who, crop]) => bench.peer(who, crop), [who, crop]))
    const peak = await peakOf(browser, once)
    const many = names.indexOf(who) < 2 ? rounds : Math.min(rounds, LIBRARY_ROUNDS)
    while (times.length < many && !times[0].failed) await once()
    const { failed } = times[0]
    if (failed) process.stderr.write(`  ${who}: ${failed}\n`)
    row.peers[who] = failed ? { failed: 'fails' } : { ms: median(times.map(({ ms }) => ms)), peak }
  }
  process.stderr.write(`  ${row.name}: ${row.first.took.toFixed(0)}, second ${row.again.took.toFixed(0)} ms\n`)
  return row
}

/** Most MB that a renderer held above what it held before; undefined where the system does not tell. */
async function peakOf(browser, work) {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  const ids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  const read = (id, key) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1])
  let before
  try {
    for (const id of ids) writeFileSync(`/proc/${id}/clear_refs`, '5')
    before = ids.map((id) => read(id, 'VmRSS'))
  } catch {
    before = undefined
  }
  await work()
  const peaks = before?.map((rest, i) => ((read(ids[i], 'VmHWM') - rest) * 1024) / 1e6)
  await session.detach()
  return peaks && Math.max(...peaks)
}
