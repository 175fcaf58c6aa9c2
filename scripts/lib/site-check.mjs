// Opens every page of the built site in Chromium, and crops a photo in its playground.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './free-port.mjs'
import { chromium as chromiumPath } from './setup.mjs'
import { Refusal, root, step } from './run.mjs'
import { buildSite, makePages } from './site.mjs'

const read = (path) => JSON.parse(readFileSync(join(root, 'site/.pages', path), 'utf8'))

/** Builds the site and tries it. */
export async function siteWorks() {
  await makePages()
  await buildSite()
  const { server, url } = await serve()
  try {
    const { chromium } = await import('@playwright/test')
    const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox', '--disable-gpu'] })
    try {
      await step('pages in Chromium', () => openAll(browser, url))
      await step('playground in Chromium', () => crop(browser, url))
    } finally {
      await browser.close()
    }
  } finally {
    server.kill()
  }
}

/** The built site, by VitePress's own server. */
async function serve() {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = spawn(join(root, 'site/node_modules/.bin/vitepress'), ['preview', 'site', '--port', String(port)], { cwd: root })
  for (let tries = 0; tries < 300; tries += 1) {
    const answered = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    )
    if (answered) return { server, url }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  server.kill()
  throw new Refusal("The site's server did not answer within 30 seconds.")
}

/** A page whose errors count. */
async function watched(browser) {
  const page = await browser.newPage()
  page.setDefaultTimeout(120_000)
  const errors = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(String(error)))
  return { page, errors }
}

async function openAll(browser, url) {
  const lists = ['guides', 'reference', 'examples', 'croppers', 'bundlers']
  const listed = lists.flatMap((name) => read(`${name}.json`)).map(({ link }) => link)
  const all = ['/', '/package', '/element', '/changelog', '/security', ...listed]
  for (const link of all) {
    const { page, errors } = await watched(browser)
    const answer = await page.goto(url + link)
    const title = await page.title()
    if (!answer.ok() || errors.length > 0) throw new Refusal(`${link} (${title}): ${answer.status()}, ${errors.join('; ')}`)
    await page.close()
  }
  return `${all.length} pages`
}

async function crop(browser, url) {
  const { page, errors } = await watched(browser)
  await page.goto(`${url}/playground`)
  await page.getByLabel('width', { exact: true }).fill('320')
  await page.getByLabel('width', { exact: true }).blur()
  await page.getByRole('button', { name: 'Use a sample photo' }).click()
  const picture = page.getByAltText('The exact picture')
  await picture.waitFor()
  await page.waitForFunction(() => document.querySelector('img[alt="The exact picture"]').naturalWidth === 320)
  const code = await page.locator('.playground .code code').textContent()
  if (!code.includes('width="320"')) throw new Refusal(`The playground's code does not say what was chosen: ${code}`)
  if (errors.length > 0) throw new Refusal(`The playground: ${errors.join('; ')}`)
}
