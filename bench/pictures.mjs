// The pictures: real photographs in a 3 x 3 mosaic with texture and grain like a sensor's, at the sizes of cameras, screens and phones,
// in every coding that is compared. Made once, in target/bench; the recipe's version is in the folder's name.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, firstLineOf, root, step } from '../scripts/lib/run.mjs'
import { mosaic } from './mosaic.mjs'

const RECIPE = 1

/** With PyPI's pillow-heif 1.8.1 and numpy. */
export const PYTHON = process.env.PYTHON ?? 'python3'
const INSTALLED = '/usr/share/backgrounds/mate/nature'

/** Where pictures and everything else of the bench lie. */
export const folder = join(root, 'target/bench')
const shelf = join(folder, `pictures-${RECIPE}`)

const codings = ['.jpg', '-progressive.jpg', '-restart.jpg', '-444.jpg', '.png', '-adam7.png', '.webp']

const sizes = [
  { base: '24mp', width: 6000, height: 4000, codings: ['.jpg', '-progressive.jpg'] },
  { base: '8k', width: 7680, height: 4320, codings },
  { base: '48mp', width: 8064, height: 6048, codings: ['.heic'] },
  { base: '108mp', width: 12000, height: 9000, codings: ['.jpg', '-progressive.jpg'] },
]

/** The sizes whose pictures can be made here: HEIC needs PyPI's pillow-heif and numpy (PYTHON names an interpreter that has them). */
const there = () =>
  sizes.filter(({ codings }) => !codings.includes('.heic') || firstLineOf(PYTHON, ['-c', 'import pillow_heif, numpy; print(1)']))

/** Each picture: its name ("8k-progressive"; files of one base differ in coding only), size, file and media type. */
export function catalogue() {
  const types = { jpg: 'jpeg', png: 'png', webp: 'webp', heic: 'heic' }
  return there().flatMap(({ base, width, height, codings }) =>
    codings.map((coding) => {
      const [tail, extension] = coding.split('.')
      const name = base + tail + (extension === 'jpg' ? '' : tail ? '' : `-${extension}`)
      return { name, base, width, height, format: types[extension], file: join(shelf, base + coding) }
    }),
  )
}

/** Makes what is not there yet. Says which photographs were used and which encoders were not there. */
export async function pictures(sharp) {
  mkdirSync(shelf, { recursive: true })
  for (const size of there()) {
    const missing = size.codings.filter((coding) => !existsSync(join(shelf, size.base + coding)))
    if (!missing.length) continue
    await step(`picture ${size.base}`, async () => {
      const { files, note } = photographs()
      writeFileSync(join(shelf, 'photographs.txt'), note)
      const raw = await mosaic(sharp, files, size.width, size.height)
      for (const coding of missing) await write(sharp, raw, size, coding)
      return note
    })
  }
  const note = join(shelf, 'photographs.txt')
  if (existsSync(note)) process.stdout.write(`Pictures ${readFileSync(note, 'utf8')}.\n`)
  return catalogue()
}

/** Debian's photographs: installed, or unpacked out of their package; else the fixtures'. */
function photographs() {
  const unpacked = join(folder, 'mate', INSTALLED)
  if (!existsSync(INSTALLED) && !existsSync(unpacked) && firstLineOf('apt-get', ['--version'])) {
    mkdirSync(folder, { recursive: true })
    spawnSync('sh', ['-c', 'apt-get -q download mate-backgrounds && dpkg -x mate-backgrounds_*.deb mate'], { cwd: folder })
  }
  const found = [INSTALLED, unpacked].find((path) => existsSync(path))
  if (found) return { files: jpegs(found), note: 'of Debian’s mate-backgrounds' }
  const names = ['coffee.jpg', 'cat.png', 'rocket.jpg', 'hubble.jpg', 'phone-orientation-6.jpg', 'orientation-1.jpg']
  const files = names.map((name) => join(root, 'tests/fixtures', name))
  return { files, note: 'of the fixtures: Debian’s mate-backgrounds could not be had, figures will differ' }
}

const jpegs = (path) =>
  readdirSync(path)
    .filter((name) => name.endsWith('.jpg'))
    .sort()
    .map((name) => join(path, name))

async function write(sharp, raw, { base, width, height }, coding) {
  const target = join(shelf, base + coding)
  const image = () => sharp(raw, { raw: { width, height, channels: 3 }, limitInputPixels: false })
  const ppm = () => Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), raw])
  const jpeg = join(shelf, `${base}.jpg`)
  const made = {
    '.jpg': () => filter('cjpeg', ['-quality', '90', '-sample', '2x2'], ppm()),
    '-444.jpg': () => filter('cjpeg', ['-quality', '90', '-sample', '1x1'], ppm()),
    '-progressive.jpg': () => filter('jpegtran', ['-copy', 'none', '-progressive', jpeg]),
    '-restart.jpg': () => filter('jpegtran', ['-copy', 'none', '-restart', '1', jpeg]),
    '.png': () => image().png({ adaptiveFiltering: true, compressionLevel: 6 }).toBuffer(),
    '-adam7.png': () => image().png({ adaptiveFiltering: true, compressionLevel: 6, progressive: true }).toBuffer(),
    '.heic': () => grid(`${target}.part`, ppm()),
    '.webp': () => image().webp({ quality: 85 }).toBuffer(),
  }
  const bytes = await made[coding]()
  if (bytes) writeFileSync(`${target}.part`, bytes)
  renameSync(`${target}.part`, target)
}

/** A HEIC of tiles of 512 x 512, as iPhones write them, by bench/heif.py. */
function grid(target, input) {
  const script = join(root, 'bench/heif.py')
  const { status, stderr } = spawnSync(PYTHON, [script, 'make', target], { input })
  if (status !== 0) throw new Refusal(`bench/heif.py makes no HEIC: ${stderr}`)
}

/** A program of libjpeg-turbo, from its standard input to its standard output. */
function filter(program, args, input) {
  const { status, stdout, error } = spawnSync(program, args, { input, maxBuffer: 1 << 30 })
  if (status === 0) return stdout
  throw new Refusal(`${program} is needed (Debian has it in "libjpeg-turbo-progs"): ${error?.message ?? `exit ${status}`}`)
}
