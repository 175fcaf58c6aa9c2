// Each application of examples/: installed with the packed package, started by its own command, used in Chromium.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packPackage } from './npm-package.mjs'
import { Refusal, root, run } from './run.mjs'

const READY_MS = 30_000
const PHOTO = join(root, 'tests/fixtures/coffee.jpg')

export async function examplesWork() {
  const { chromium } = await import('@playwright/test')
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    await inExample('express', async (folder, url) => checkExpress(folder, await browser.newPage(), url))
  } finally {
    await browser.close()
  }
}

/** Installs an example in a folder of its own, starts it, and ends it after `work`. */
async function inExample(name, work) {
  const folder = mkdtempSync(join(tmpdir(), `truecrop-example-${name}-`))
  let child
  try {
    cpSync(join(root, 'examples', name), folder, { recursive: true, filter: (path) => !path.includes('node_modules') })
    const tarball = await packPackage(folder)
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], { quiet: true, cwd: folder })
    child = spawn('npm', ['start'], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PORT: '0' },
    })
    await work(folder, await addressOf(child))
    process.stdout.write(`  ${name}: as it should be\n`)
  } finally {
    if (child?.exitCode === null) process.kill(-child.pid)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The address that an example prints when it is ready. */
function addressOf(child) {
  return new Promise((resolve, reject) => {
    let said = ''
    const timer = setTimeout(() => reject(new Refusal(`The example did not start: ${said}`)), READY_MS)
    const hear = (data) => {
      said += data
      const [address] = /http:\/\/127\.0\.0\.1:\d+\//.exec(said) ?? []
      if (!address) return
      clearTimeout(timer)
      resolve(address)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('exit', () => reject(new Refusal(`The example ended: ${said}`)))
  })
}

async function checkExpress(folder, page, url) {
  await page.goto(url)
  await page.getByLabel('Nickname').fill('Ann')
  await page.locator('true-crop input[type=file]').first().setInputFiles(PHOTO)
  await page.waitForFunction(() => document.querySelector('true-crop').result !== undefined, undefined, { timeout: READY_MS })
  const answered = page.waitForResponse((response) => response.url().endsWith('/avatar'))
  await page.getByRole('button', { name: 'Save' }).click()
  const answer = await answered
  const { nickname, verdict } = await answer.json()
  if (answer.status() !== 201 || nickname !== 'Ann' || verdict.level !== 'result')
    throw new Refusal(`The example answered ${answer.status()}.`)
  const { crop, verify } = await import(join(root, 'dist/node.js'))
  const stored = readFileSync(join(folder, 'avatars/avatar.jpg'))
  const receipt = readFileSync(join(folder, 'avatars/receipt.json'))
  const { level } = await verify({ receipt, outputs: stored, source: PHOTO })
  const { crop: rectangle, outputs } = JSON.parse(receipt)
  const [{ name, width, height, format, quality }] = outputs
  const { output } = await crop(PHOTO, { truecrop: 1, crop: rectangle, outputs: [{ name, width, height, format, quality }] })
  const digest = (bytes) => createHash('sha256').update(bytes).digest('hex')
  if (level !== 'source' || digest(stored) !== digest(output.bytes))
    throw new Refusal('The stored picture is not what Node makes.')
  const refused = await fetch(`${url}avatar`, { method: 'POST', body: await squeezed(crop) })
  const problem = await refused.json()
  if (refused.status !== 422 || problem.code !== 'policy-violation')
    throw new Refusal(`A wrong shape was answered ${refused.status}.`)
}

/** A form whose picture the example's policy does not allow. */
async function squeezed(crop) {
  return (await crop(PHOTO, { width: 120, height: 90 })).toFormData('avatar')
}
