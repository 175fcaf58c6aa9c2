// A person's browser before two servers that are killed (crates/truecrop-server/tests/bucket_kills): the element crops a photo, and
// `truecrop/upload` puts photo and crop into the bucket, again and again, by whichever server is there.
//   node tests/e2e/bucket-client.mjs SERVER SERVER PHOTO
// Standard output has lines of JSON: what the element has made, then each picture that was stored. It ends when standard input does.
import { chromium } from '@playwright/test'

const [first, second, photo] = process.argv.slice(2)
const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-features=LocalNetworkAccessChecks']
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args })

/** A page of its own, because the demo's policy lets nobody connect elsewhere. */
const HTML = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title>
<script type="module" src="../element.js"></script><true-crop width="120" height="90" format="jpeg"></true-crop>`

async function start() {
  const page = await browser.newPage()
  await page.route('**/demo/test.html', (route) => route.fulfill({ contentType: 'text/html', body: HTML }))
  await page.goto(`${first}/demo/test.html`)
  await page.locator('true-crop input[type=file]').setInputFiles(photo)
  await page.waitForFunction(() => document.querySelector('true-crop').state === 'ready')
  await page.exposeFunction('tell', (what) => void process.stdout.write(`${JSON.stringify(what)}\n`))
  await page.evaluate(uploadForever, [first, second])
  return page
}

/** Runs in the page. */
async function uploadForever(servers) {
  const { upload } = await import('/upload.js')
  const element = document.querySelector('true-crop')
  const { result, file: source } = element
  const bytes = new Uint8Array(await result.outputs[0].arrayBuffer())
  await globalThis.tell({ receipt: result.receipt, output: btoa(String.fromCharCode(...bytes)) })
  const one = async (turn) => {
    for (; !globalThis.ended; turn += 1) {
      const endpoint = servers[turn % servers.length]
      await upload({ main: { result, source } }, { endpoint, retries: 1 }).then(
        ({ images }) => globalThis.tell({ stored: images.main }),
        ({ code, message }) => globalThis.tell({ failed: code ?? message }),
      )
    }
  }
  globalThis.running = Promise.all([one(0), one(1)])
}

try {
  const page = await start()
  await new Promise((resolve) => process.stdin.on('end', resolve).resume())
  await page.evaluate(() => {
    globalThis.ended = true
    return globalThis.running
  })
} finally {
  await browser.close()
}
