// Who is measured natively: commands that take FILE X Y WIDTH HEIGHT OUT-WIDTH OUT-HEIGHT ROUNDS and print {"ms"}, the median CPU time of
// one crop within their process; and truecrop, by its own bench binary in process and by its command line as a whole process.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { firstLineOf, root, run, step } from '../scripts/lib/run.mjs'
import { digest, unlessDone } from '../scripts/lib/build-cache.mjs'
import { PYTHON, folder } from './pictures.mjs'

const BENCH = join(root, 'target/release/truecrop-bench')
const TRUECROP = join(root, 'target/release/truecrop')
const RUST = join(root, 'target/peers/release/truecrop-bench-peers')
const bin = (name) => join(folder, 'bin', name)

/** The commands by name, best known first; a peer that cannot be built here is left out, and that is printed. */
export const peers = {
  sharp: { command: [process.execPath, join(root, 'bench/sharp.mjs')], reads: /jpeg|png|webp/ },
  libvips: { command: [bin('vips')], reads: /./ },
  image: { command: [RUST, 'image'], reads: /jpeg|png|webp/ },
  zune: { command: [RUST, 'zune'], reads: /jpeg/ },
  expert: { command: [bin('expert')], reads: /jpeg/ },
  libheif: { command: [PYTHON, join(root, 'bench/heif.py')], reads: /heic/ },
}

/** The peers of npm, by their own lock file. */
export async function installPeers() {
  const ci = () => run('npm', ['ci', '--no-audit', '--no-fund', '--prefix', 'bench'], { quiet: true })
  await step('peers of npm', () => unlessDone('bench', digest(['bench/package-lock.json']), ['bench/node_modules/sharp'], ci))
}

/** Builds everything that is not there. */
export async function buildPeers() {
  mkdirSync(join(folder, 'bin'), { recursive: true })
  await step('truecrop', () =>
    run('cargo', ['build', '--quiet', '--locked', '--release', '-p', 'truecrop-bench', '-p', 'truecrop-server']),
  )
  await step('image, zune-jpeg, fast_image_resize', () => {
    const env = { CARGO_TARGET_DIR: join(root, 'target/peers') }
    return run('cargo', ['build', '--quiet', '--locked', '--release', '--manifest-path', 'bench/peers/Cargo.toml'], { env })
  })
  await step('measure, libvips, libjpeg-turbo', async () => {
    await run('cc', ['-O2', '-o', bin('measure'), 'bench/c/measure.c'], { quiet: true })
    const vips = firstLineOf('pkg-config', ['--cflags', '--libs', 'vips'])?.split(' ')
    const fast = ['-O3', '-march=native', '-ffast-math']
    const left = []
    if (vips) await run('cc', ['-O2', '-o', bin('vips'), 'bench/c/vips.c', ...vips], { quiet: true })
    else left.push(['libvips', 'libvips-dev'])
    if (existsSync('/usr/include/jpeglib.h'))
      await run('cc', [...fast, '-o', bin('expert'), 'bench/c/expert.c', '-ljpeg', '-lm'], { quiet: true })
    else left.push(['expert', 'libjpeg-dev'])
    if (!firstLineOf(PYTHON, ['-c', 'import pillow_heif; print(1)'])) left.push(['libheif', "PyPI's pillow-heif"])
    for (const [name] of left) delete peers[name]
    return left.length ? `left out: ${left.map(([name, needs]) => `${name} (needs ${needs})`).join(', ')}` : 'done'
  })
}

/** sharp, which also makes the pictures. */
export const loadSharp = () => createRequire(join(root, 'bench/package.json'))('sharp')

const json = (command, ...args) =>
  JSON.parse(execFileSync(command, args.map(String), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }))

/** Milliseconds of CPU time of one crop within the peer's process: the median. */
export function inProcess(name, file, crop, rounds) {
  const [command, ...args] = peers[name].command
  return json(command, ...args, file, ...crop, rounds).ms
}

/** `{wall, cpu, peak}` in ms, ms and KiB of the whole process, the run of median CPU time. */
export function wholeProcess(command, rounds) {
  const runs = Array.from({ length: rounds }, () => json(bin('measure'), ...command))
  return runs.sort((a, b) => a.cpu - b.cpu)[runs.length >> 1]
}

export const peerCommand = (name, file, crop) => [...peers[name].command, file, ...crop, 1]

function recipe([x, y, width, height, w, h]) {
  const outputs = [{ name: 'main', width: w, height: h, format: 'jpeg', quality: 85 }]
  const path = join(folder, 'recipe.json')
  writeFileSync(path, JSON.stringify({ truecrop: 1, crop: { x, y, width, height }, outputs }))
  return path
}

/** truecrop in process: `how` is rounds, rounds and "again" (after a first pass), or "quality". */
export const byTruecrop = (file, crop, ...how) => json(BENCH, file, recipe(crop), ...how)

/** truecrop's command line for the same crop. */
export const truecropCommand = (file, crop) => [
  ...[TRUECROP, 'crop', '--recipe', recipe(crop), '--out', join(folder, 'out.jpg'), file],
]

/** truecrop doing nothing: what the process itself costs. */
export const idleCommand = [TRUECROP, '--version']
