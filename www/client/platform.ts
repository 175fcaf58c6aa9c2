/**
 * Decodes a photo by the browser's own decoder. Loaded when it is needed.
 *
 * The pixels are read from a `VideoFrame`, which gives what was decoded. A canvas is never read: browsers that resist fingerprinting change
 * what it gives.
 */

import type { PlatformPixels } from '../protocol.js'

/** Pictures that some browser decodes. What else the engine refuses is refused as before. */
const FORMATS = /^(avif|heic|heif|jp2|jxl)$/

/** Bytes of a pixel. */
const PIXEL = 4

/**
 * Decodes a file that the engine has refused.
 *
 * @throws `refusal` where this browser cannot decode it either, or gives no pixels.
 */
export async function decode(file: Blob, refusal: Error & { got?: unknown }): Promise<PlatformPixels> {
  const format = String(refusal.got)
  if (!FORMATS.test(format) || typeof VideoFrame === 'undefined') throw refusal
  const bitmap = await createImageBitmap(file, { premultiplyAlpha: 'none', imageOrientation: 'from-image' }).catch(
    () => undefined,
  )
  if (!bitmap) throw refusal
  try {
    const { width, height } = bitmap
    const bytes = await readPixels(bitmap)
    return { format, width, height, alpha: hasAlpha(bytes), bytes: new Blob([bytes]) }
  } catch {
    throw refusal
  } finally {
    bitmap.close()
  }
}

/** RGBA with straight alpha, row by row, upright. */
async function readPixels(bitmap: ImageBitmap): Promise<Uint8Array<ArrayBuffer>> {
  const frame: TurnedFrame = new VideoFrame(bitmap, { timestamp: 0 })
  try {
    const order = frame.format?.slice(0, 3)
    // What has another layout is converted by the browser.
    const options: VideoFrameCopyToOptions = order === 'RGB' || order === 'BGR' ? {} : { format: 'RGBA' }
    const bytes = new Uint8Array(frame.allocationSize(options))
    await frame.copyTo(bytes, options)
    if (order === 'BGR') swapRedAndBlue(bytes)
    if (frame.format?.endsWith('X')) for (let at = 3; at < bytes.length; at += PIXEL) bytes[at] = 255
    return upright(frame, bytes)
  } finally {
    frame.close()
  }
}

/** Chromium gives the pixels as they are coded, and says how they are turned. */
interface TurnedFrame extends VideoFrame {
  /** Degrees clockwise: 0, 90, 180 or 270. */
  rotation?: number
  /** Mirrored left to right, after the turn. */
  flip?: boolean
}

function upright(
  { visibleRect, rotation = 0, flip = false }: TurnedFrame,
  bytes: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  if (!visibleRect || (rotation === 0 && !flip)) return bytes
  const { width: w, height: h } = visibleRect
  const [from, to] = [new Uint32Array(bytes.buffer), new Uint32Array(w * h)]
  const [width, height] = rotation % 180 ? [h, w] : [w, h]
  const places: Record<number, (x: number, y: number) => number> = {
    0: (x, y) => y * w + x,
    90: (x, y) => (h - 1 - x) * w + y,
    180: (x, y) => (h - 1 - y) * w + w - 1 - x,
    270: (x, y) => x * w + w - 1 - y,
  }
  const place = places[rotation]
  if (!place) throw new RangeError(`a turn of ${rotation} degrees`)
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) to[at] = from[place(flip ? width - 1 - x : x, y)] ?? 0
  }
  return new Uint8Array(to.buffer)
}

function swapRedAndBlue(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += PIXEL) {
    const blue = bytes[at] ?? 0
    bytes[at] = bytes[at + 2] ?? 0
    bytes[at + 2] = blue
  }
}

function hasAlpha(bytes: Uint8Array): boolean {
  for (let at = 3; at < bytes.length; at += PIXEL) if (bytes[at] !== 255) return true
  return false
}
