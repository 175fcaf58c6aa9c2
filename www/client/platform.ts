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

/** RGBA with straight alpha, row by row. */
async function readPixels(bitmap: ImageBitmap): Promise<Uint8Array<ArrayBuffer>> {
  const frame = new VideoFrame(bitmap, { timestamp: 0 })
  try {
    const layout: VideoFrameCopyToOptions = { layout: [{ offset: 0, stride: bitmap.width * PIXEL }] }
    const order = frame.format?.slice(0, 3)
    // What has another layout is converted by the browser.
    const options = order === 'RGB' || order === 'BGR' ? layout : { ...layout, format: 'RGBA' as const }
    const bytes = new Uint8Array(bitmap.width * bitmap.height * PIXEL)
    await frame.copyTo(bytes, options)
    if (order === 'BGR') swapRedAndBlue(bytes)
    if (frame.format?.endsWith('X')) for (let at = 3; at < bytes.length; at += PIXEL) bytes[at] = 255
    return bytes
  } finally {
    frame.close()
  }
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
