// A large photograph out of small ones: nine cells, each Lanczos-resized, then texture where the photo has texture, and grain.
// The same bytes on every run: the noise has a seed.

/** RGB, 8 bits, `width * height * 3` bytes, rows from the top. */
export async function mosaic(sharp, files, width, height) {
  const cell = { width: Math.ceil(width / 3), height: Math.ceil(height / 3) }
  const out = Buffer.alloc(width * height * 3)
  const noise = table()
  const random = generator()
  for (let i = 0; i < 9; i += 1) {
    const sized = sharp(files[i % files.length])
      .rotate()
      .resize(cell.width, cell.height, { fit: 'cover', kernel: 'lanczos3' })
    const pixels = await sized.toColourspace('srgb').removeAlpha().raw().toBuffer()
    const place = { left: (i % 3) * cell.width, top: Math.floor(i / 3) * cell.height }
    for (let y = 0; y < cell.height && place.top + y < height; y += 1) {
      const row = pixels.subarray(y * cell.width * 3, (y + 1) * cell.width * 3)
      const many = Math.min(cell.width, width - place.left) * 3
      const start = ((place.top + y) * width + place.left) * 3
      grain(row, out.subarray(start, start + many), noise, random)
    }
  }
  return out
}

// Chosen so that the files have the sizes of photographs: 1.6 bits a pixel at JPEG quality 90, 13 in PNG.
const SENSOR = 2.2
const CHROMA = 1.8
const TEXTURE = 0.48

/** One row: shot noise grows with the root of the light; detail that a resize cannot invent stands where there is contrast. */
function grain(row, out, noise, random) {
  for (let x = 0; x < out.length; x += 3) {
    const green = row[x + 1]
    const contrast = Math.abs(green - row[Math.max(1, x - 5)]) + Math.abs(green - row[Math.min(row.length - 2, x + 7)])
    const bits = random()
    const light = noise[bits & 4095] * (SENSOR * Math.sqrt((green + 16) / 256) + TEXTURE * Math.min(contrast, 40))
    for (let c = 0; c < 3; c += 1) {
      const value = Math.round(row[x + c] + light + noise[(bits >>> (12 + 3 * c)) & 4095] * CHROMA)
      out[x + c] = value < 0 ? 0 : value > 255 ? 255 : value
    }
  }
}

/** 4096 values about normal, of deviation 1. */
function table() {
  const random = generator()
  const sum = () => Array.from({ length: 12 }, () => random() / 4294967296).reduce((a, b) => a + b) - 6
  return Float32Array.from({ length: 4096 }, sum)
}

/** xorshift: 32 random bits a call. */
function generator() {
  let state = 2463534242
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}
