// The pictures: real photographs in a 3 x 3 mosaic with grain like a sensor's, at the sizes of screens and phones.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root, step } from '../scripts/lib/run.mjs'

const photos = ['coffee.jpg', 'cat.png', 'rocket.jpg', 'hubble.jpg', 'phone-orientation-6.jpg', 'orientation-1.jpg']

const sizes = [
  { name: '8k', width: 7680, height: 4320 },
  { name: '108mp', width: 12000, height: 9000 },
]

/** Each picture's file, made where it is not there yet. */
export async function pictures(sharp, folder) {
  const made = []
  for (const { name, width, height } of sizes) {
    const [plain, progressive] = ['', '-progressive'].map((suffix) => join(folder, `${name}${suffix}.jpg`))
    if (!existsSync(progressive)) {
      await step(`picture ${name}`, async () => {
        const raw = await mosaic(sharp, width, height)
        const image = () => sharp(raw, { raw: { width, height, channels: 3 }, limitInputPixels: false })
        await image().jpeg({ quality: 90, chromaSubsampling: '4:2:0' }).toFile(plain)
        await image().jpeg({ quality: 90, chromaSubsampling: '4:2:0', progressive: true }).toFile(progressive)
      })
    }
    made.push({ name, width, height, file: plain, quality: name === '8k' })
    made.push({ name: `${name} progressive`, width, height, file: progressive, quality: false })
  }
  return made
}

async function mosaic(sharp, width, height) {
  const cell = { width: Math.ceil(width / 3), height: Math.ceil(height / 3) }
  const out = Buffer.alloc(width * height * 3)
  const next = grain()
  for (let i = 0; i < 9; i += 1) {
    const photo = sharp(join(root, 'tests/fixtures', photos[i % photos.length])).rotate()
    const sized = photo.resize(cell.width, cell.height, { fit: 'cover', kernel: 'lanczos3' }).toColourspace('srgb')
    const pixels = await sized.removeAlpha().raw().toBuffer()
    const [left, top] = [(i % 3) * cell.width, Math.floor(i / 3) * cell.height]
    for (let y = 0; y < cell.height && top + y < height; y += 1) {
      for (let x = 0; x < cell.width && left + x < width; x += 1) {
        for (let c = 0; c < 3; c += 1) {
          const value = pixels[(y * cell.width + x) * 3 + c] + next()
          out[((top + y) * width + left + x) * 3 + c] = Math.min(255, Math.max(0, value))
        }
      }
    }
  }
  return out
}

/** About normal, about 3 levels strong, the same on every run. */
function grain() {
  let state = 1
  return () => {
    let sum = 0
    for (let i = 0; i < 3; i += 1) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      sum += state / 4294967296 - 0.5
    }
    return Math.round(sum * 6)
  }
}
