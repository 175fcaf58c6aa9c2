// npm run bench: the same crops of the same files by truecrop and by sharp, one thread each, in one run; ratios and peaks.
// Options: a pattern of what to run ("8k br"), --rounds 9, --browser. Pictures are made once, in target/bench.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, door, root, run, step } from '../scripts/lib/run.mjs'
import { setUp } from '../scripts/lib/setup.mjs'
import { pictures } from './pictures.mjs'

const folder = join(root, 'target/bench')
const BENCH = join(root, 'target/release/truecrop-bench')

/** Crops of a picture: x, y, width, height > output width, height. */
function crops({ width: w, height: h }) {
  const side = Math.round(h * 0.75)
  return {
    tl: [0, 0, 512, 512, 512, 512],
    br: [w - 512, h - 512, 512, 512, 512, 512],
    mid: [w / 2 - 1024, h / 2 - 1024, 2048, 2048, 512, 512],
    big: [Math.round((w - side) / 2), Math.round((h - side) / 2), side, side, 1600, 1600],
    whole: [0, 0, w, h, 256, Math.round((256 * h) / w)],
  }
}

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1]

/** Above what rounding to 8 bits leaves, it is the same picture. */
const near = (psnr) => (psnr === undefined ? '-' : psnr > 100 ? 'exact' : psnr.toFixed(1))

function cpu() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function bySharp(sharp, file, [left, top, width, height, w, h], rounds) {
  const times = []
  for (let i = 0; i < rounds; i += 1) {
    const start = cpu()
    const cut = sharp(file, { limitInputPixels: false }).extract({ left, top, width, height })
    await cut.resize(w, h, { fit: 'fill' }).jpeg({ quality: 85 }).toBuffer()
    times.push(cpu() - start)
  }
  return median(times)
}

function byTruecrop(file, [x, y, width, height, w, h], ...how) {
  const recipe = join(folder, 'recipe.json')
  const outputs = [{ name: 'main', width: w, height: h, format: 'jpeg', quality: 85 }]
  writeFileSync(recipe, JSON.stringify({ truecrop: 1, crop: { x, y, width, height }, outputs }))
  return JSON.parse(execFileSync(BENCH, [file, recipe, ...how.map(String)], { encoding: 'utf8' }))
}

function peer() {
  try {
    return createRequire(join(root, 'bench/package.json'))('sharp')
  } catch {
    throw new Refusal('sharp is not here: run "npm install --prefix bench".')
  }
}

await door(async () => {
  const args = process.argv.slice(2)
  const at = args.indexOf('--rounds')
  const rounds = at >= 0 ? Number(args.splice(at, 2)[1]) : 7
  if (args.includes('--browser')) return (await import('./browser.mjs')).inBrowser(folder)
  const wanted = new RegExp(args.join(' ') || '.')
  mkdirSync(folder, { recursive: true })
  await setUp()
  await step('bench', () => run('cargo', ['build', '--quiet', '--locked', '--release', '-p', 'truecrop-bench']))
  const sharp = peer()
  sharp.concurrency(1)
  sharp.cache(false)
  const all = await pictures(sharp, folder)
  process.stdout.write('\nms of CPU, median | ratio to sharp | peak MB held and stated | dB to a float64 Lanczos3\n')
  for (const picture of all) {
    for (const [name, crop] of Object.entries(crops(picture))) {
      const title = `${picture.name} ${name}`
      if (!wanted.test(title)) continue
      const theirs = await bySharp(sharp, picture.file, crop, rounds)
      const [first, again] = [byTruecrop(picture.file, crop, rounds), byTruecrop(picture.file, crop, rounds, 'again')]
      const { psnr } = picture.quality ? byTruecrop(picture.file, crop, 'quality') : {}
      const ms = `sharp ${theirs.toFixed(0).padStart(5)}  truecrop ${first.ms.toFixed(1).padStart(6)}, again ${again.ms.toFixed(1).padStart(6)}`
      const ratio = `${(first.ms / theirs).toFixed(2)}, again ${(again.ms / theirs).toFixed(3)}`
      const peak = `${(first.peak / 1e6).toFixed(2)} of ${(first.stated / 1e6).toFixed(2)}`
      process.stdout.write(`${title.padEnd(24)} ${ms} | ${ratio} | ${peak} | ${near(psnr)}\n`)
    }
  }
})
