// npm run bench -- --browser: the same crops in Chromium, by truecrop's worker and by the browser's own decoders.
// Needs the pictures of the native run, a built product (npm run build) and Chromium.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { root } from '../scripts/lib/run.mjs'

const PORT = 8099
const names = ['8k', '8k-progressive', '108mp', '108mp-progressive']

/** In the page: each crop first by truecrop, then by createImageBitmap and ImageDecoder; milliseconds. */
async function measure() {
  const { openPhoto } = await import(new URL('../index.js', location.href).href)
  const file = document.querySelector('#bench').files[0]
  const photo = await openPhoto(file)
  const { width, height } = photo.facts
  const time = async (work) => {
    const start = performance.now()
    await work()
    return performance.now() - start
  }
  const rows = []
  const views = [
    ['whole > 512', 1, 0.5],
    ['zoom 4', 4, 0.5],
    ['zoom 40, corner', 40, 1],
    ['zoom 40 again', 40, 1],
  ]
  for (const [name, zoom, at] of views) {
    const { crop } = await photo.solve({ zoom, center: { x: at, y: at }, rotate: 0, flip: 'none' }, [1, 1])
    const outputs = [{ name: 'main', width: 512, height: 512, format: 'jpeg', quality: 85 }]
    let memory = 0
    const ours = await time(async () => {
      memory = (await photo.render({ truecrop: 1, crop, outputs })).memory
    })
    const draw = async (picture, scale) => {
      const canvas = new OffscreenCanvas(512, 512)
      const context = canvas.getContext('2d')
      context.imageSmoothingQuality = 'high'
      const [x, y, w, h] = [crop.x, crop.y, crop.width, crop.height].map((v) => v * scale)
      context.drawImage(picture, x, y, w, h, 0, 0, 512, 512)
      picture.close()
      await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 })
    }
    const bitmap = await time(async () => draw(await createImageBitmap(file), 1))
    const wanted = Math.min(width, Math.ceil((512 * width) / crop.width))
    const decoder = await time(async () => {
      const desiredHeight = Math.ceil((wanted * height) / width)
      const decoder = new ImageDecoder({ data: file.stream(), type: file.type, desiredWidth: wanted, desiredHeight })
      const { image } = await decoder.decode()
      await draw(image, image.displayWidth / width)
    })
    rows.push({ name, ours, bitmap, decoder, memory })
  }
  await photo.close()
  return rows
}

/** Prints a table. */
export async function inBrowser(folder) {
  const store = mkdtempSync(join(tmpdir(), 'truecrop-bench-'))
  const args = ['serve', '--listen', `127.0.0.1:${PORT}`, '--store', store, '--www', join(root, 'dist')]
  const server = spawn(join(root, 'target/release/truecrop'), args, { stdio: 'ignore' })
  const executablePath = process.env.CHROMIUM || '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    process.stdout.write('\nms of wall time | truecrop, ImageDecoder, createImageBitmap | wasm memory in MB\n')
    for (const name of names) {
      const page = await browser.newPage()
      await page.goto(`http://127.0.0.1:${PORT}/demo/`)
      await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<input type="file" id="bench">'))
      await page.locator('#bench').setInputFiles(join(folder, `${name}.jpg`))
      for (const row of await page.evaluate(measure)) {
        const times = [row.ours, row.decoder, row.bitmap].map((ms) => ms.toFixed(0).padStart(5)).join(' ')
        process.stdout.write(`${name.padEnd(18)} ${row.name.padEnd(16)} ${times} | ${(row.memory / 1e6).toFixed(1)}\n`)
      }
      await page.close()
    }
  } finally {
    await browser.close()
    server.kill()
    rmSync(store, { recursive: true, force: true })
  }
}
