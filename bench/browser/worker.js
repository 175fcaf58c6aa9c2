// The peers that run in a worker. A message `{who, file, crop, size}` is answered by `{ms}`: from the picked file to the JPEG's bytes, within
// the worker; modules are loaded and started before the clock.
import decodeJpeg, { init as initDecoder } from '@jsquash/jpeg/decode.js'
import encodeJpeg, { init as initEncoder } from '@jsquash/jpeg/encode.js'
import resize, { initResize } from '@jsquash/resize'

const compiled = (path) => WebAssembly.compileStreaming(fetch(`/peers/${path}`))

async function toJpeg(picture, { x, y, width, height }, scale, size) {
  const canvas = new OffscreenCanvas(size, size)
  const context = canvas.getContext('2d')
  context.imageSmoothingQuality = 'high'
  context.drawImage(picture, x * scale, y * scale, width * scale, height * scale, 0, 0, size, size)
  picture.close()
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 })
}

const nothing = async () => undefined

/** createImageBitmap of the whole, then drawImage: the other way round cuts turned photos in the wrong place. */
const canvas = {
  prepare: nothing,
  crop: async ({ file, crop, size }) => toJpeg(await createImageBitmap(file), crop, 1, size),
}

/** ImageDecoder at the least width that the crop needs. */
const decoder = {
  prepare: nothing,
  crop: async ({ file, crop, size, picture }) => {
    const desiredWidth = Math.min(picture.width, Math.ceil((size * picture.width) / crop.width))
    const desiredHeight = Math.ceil((desiredWidth * picture.height) / picture.width)
    const reader = new ImageDecoder({ data: file.stream(), type: file.type, desiredWidth, desiredHeight })
    const { image } = await reader.decode()
    return toJpeg(image, crop, image.displayWidth / picture.width, size)
  },
}

const jsquash = {
  prepare: async () => {
    await initDecoder(await compiled('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm'))
    await initEncoder(await compiled('@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm'))
    await initResize('/peers/@jsquash/resize/lib/resize/pkg/squoosh_resize_bg.wasm')
  },
  crop: async ({ file, crop, size }) => {
    const whole = await decodeJpeg(await file.arrayBuffer())
    const [x, y, width, height] = inPixels(crop)
    const cut = new ImageData(width, height)
    for (let row = 0; row < height; row += 1) {
      const start = ((y + row) * whole.width + x) * 4
      cut.data.set(whole.data.subarray(start, start + width * 4), row * width * 4)
    }
    const options = { width: size, height: size, method: 'lanczos3', premultiply: false, linearRGB: false }
    return encodeJpeg(await resize(cut, options), { quality: 85 })
  },
}

let engine
const vips = {
  prepare: async () => {
    const { default: load } = await import('/peers/wasm-vips/lib/vips-es6.js')
    engine = await load({ dynamicLibraries: [], locateFile: (name) => `/peers/wasm-vips/lib/${name}` })
    engine.Cache.max(0)
  },
  crop: async ({ file, crop, size }) => {
    const jpeg = file.type === 'image/jpeg'
    const shrink = jpeg ? Math.min(8, 2 ** Math.floor(Math.log2(Math.max(1, crop.width / size)))) : 1
    const bytes = await file.arrayBuffer()
    const whole = engine.Image.newFromBuffer(bytes, jpeg ? `[shrink=${shrink}]` : '', { access: 'sequential' })
    const [x, y, width, height] = inPixels(crop).map((value) => Math.floor(value / shrink))
    const cut = whole.crop(x, y, width, height)
    const small = cut.resize(size / width, { vscale: size / height })
    const out = small.writeToBuffer('.jpg', { Q: 85 })
    for (const image of [small, cut, whole]) image.delete()
    return out
  },
}

const inPixels = ({ x, y, width, height }) => [x, y, width, height].map((value) => Math.floor(value))

const peers = { canvas, decoder, jsquash, vips }
const ready = {}

self.onmessage = async ({ data }) => {
  try {
    const peer = peers[data.who]
    await (ready[data.who] ??= peer.prepare())
    const start = performance.now()
    await peer.crop(data)
    self.postMessage({ ms: performance.now() - start })
  } catch (error) {
    self.postMessage({ failed: String(error) })
  }
}
