/**
 * The small picture that cameras put into the EXIF data of a JPEG: it is seen long before the photo itself is decoded. For the
 * screen only: it is never part of a result.
 *
 * JPEG: ITU-T T.81, B.1 and B.2.2. EXIF: CIPA DC-008, 4.5 and 4.6 (TIFF 6.0, section 2, for its lists). Cameras' files: CIPA DC-009.
 */

import type { Box } from '../screen/stage.js'

/** What the head of a JPEG says. */
export interface JpegHead {
  /** Of the upright photo. */
  width: number
  height: number
  /** EXIF orientation, 1 to 8. */
  orientation: number
  /** Whether the whole photo comes first, coarse, and its details after it. */
  isProgressive: boolean
  /** The small picture, when it shows what the photo shows. */
  thumbnail?: Thumbnail | undefined
}

interface Thumbnail {
  /** Where it lies in the file. */
  start: number
  end: number
  /** The part of it that shows the photo. The rest, if there is one, has to be dark. */
  inner: Box
}

/** Bytes in which the head lies: EXIF data are one segment of at most 64 KB, colour profiles and other data follow. */
export const HEAD_BYTES = 262_144

/** The small pictures of cameras have this size, whatever the photo's shape: the photo lies in the middle, between dark bars. */
const CAMERA: readonly [number, number] = [160, 120]

/** The mean of the bars' samples, 0 to 255, is at most this. */
const DARK = 16

/** By how much the shapes of photo and small picture may differ: a small picture of 160 x 107 is no exact 3:2. */
const MOST_DIFFERENCE = 0.02

interface Segments {
  /** As the file stores it, before the orientation. */
  width: number
  height: number
  isProgressive: boolean
  /** Where the TIFF data of the EXIF segment lie; undefined without one. */
  exif: { start: number; end: number } | undefined
}

/** Reads the first bytes of a file. Returns `undefined` for what is not a JPEG, or where its size does not stand within them. */
export function readHead(bytes: Uint8Array): JpegHead | undefined {
  const photo = readSegments(bytes)
  if (!photo) return undefined
  const { exif, width, height, isProgressive } = photo
  const said = exif && quietly(() => readExif(bytes.subarray(exif.start, exif.end)))
  const orientation = said?.orientation ?? 1
  const isTurned = orientation > 4
  return {
    ...(isTurned ? { width: height, height: width } : { width, height }),
    orientation,
    isProgressive,
    thumbnail: exif && said && usable(bytes, photo, exif.start, said),
  }
}

/** The place of the small picture in the file. Undefined for one that is not there, is of another shape, or is older than the photo. */
function usable(bytes: Uint8Array, photo: Segments, base: number, { at, length, size }: Exif): JpegHead['thumbnail'] {
  if (at === 0 || length === 0) return undefined
  // Whoever changed the photo without its EXIF data left the old small picture too.
  if (size && size.join() !== [photo.width, photo.height].join()) return undefined
  const [start, end] = [base + at, base + at + length]
  const small = end <= bytes.length ? readSegments(bytes.subarray(start, end)) : undefined
  if (!small || small.exif) return undefined
  const { width, height } = small
  const difference = (width * photo.height) / (height * photo.width) - 1
  if (Math.abs(difference) <= MOST_DIFFERENCE) return { start, end, inner: { left: 0, top: 0, width, height } }
  if (width !== CAMERA[0] || height !== CAMERA[1]) return undefined
  const inner = {
    width: Math.min(width, (height * photo.width) / photo.height),
    height: Math.min(height, (width * photo.height) / photo.width),
  }
  return { start, end, inner: { left: (width - inner.width) / 2, top: (height - inner.height) / 2, ...inner } }
}

/** Walks over the segments up to the frame header. */
function readSegments(bytes: Uint8Array): Segments | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return undefined
  let exif: Segments['exif']
  for (let at = 2; at + 9 <= view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) return undefined
    const marker = view.getUint8(at + 1)
    // A byte of padding.
    if (marker === 0xff) {
      at += 1
      continue
    }
    const end = at + 2 + view.getUint16(at + 2)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)]
      return width && height ? { width, height, exif, isProgressive: marker === 0xc2 } : undefined
    }
    // A scan before any frame, or the end.
    if (marker === 0xda || marker === 0xd9) return undefined
    const isExif = marker === 0xe1 && at + 10 <= end && end <= view.byteLength && view.getUint32(at + 4) === 0x45786966
    if (isExif) exif ??= { start: at + 10, end }
    at = end
  }
  return undefined
}

interface Exif {
  orientation: number
  /** Of the small picture, from the start of the TIFF data. */
  at: number
  length: number
  /** Of the photo, as the EXIF data say. */
  size: [number, number] | undefined
}

const [ORIENTATION, EXIF_LIST, WIDTH, HEIGHT, PLACE, LENGTH] = [0x0112, 0x8769, 0xa002, 0xa003, 0x0201, 0x0202] as const

/** @throws RangeError where a place lies outside of the data. */
function readExif(bytes: Uint8Array): Exif {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isLittle = view.getUint16(0) === 0x4949
  /** The numbers of a list, by their tags, and the place of the next list. */
  const list = (at: number): { get: (tag: number) => number; next: number } => {
    const count = view.getUint16(at, isLittle)
    const values = new Map<number, number>()
    for (let i = 0; i < count; i += 1) {
      const entry = at + 2 + 12 * i
      const isShort = view.getUint16(entry + 2, isLittle) === 3
      const value = isShort ? view.getUint16(entry + 8, isLittle) : view.getUint32(entry + 8, isLittle)
      values.set(view.getUint16(entry, isLittle), value)
    }
    return { get: (tag) => values.get(tag) ?? 0, next: view.getUint32(at + 2 + 12 * count, isLittle) }
  }
  const first = list(view.getUint32(4, isLittle))
  const details = quietly(() => list(first.get(EXIF_LIST)))
  const second = first.next ? quietly(() => list(first.next)) : undefined
  const size: [number, number] = [details?.get(WIDTH) ?? 0, details?.get(HEIGHT) ?? 0]
  const orientation = first.get(ORIENTATION)
  return {
    orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
    at: second?.get(PLACE) ?? 0,
    length: second?.get(LENGTH) ?? 0,
    size: first.get(EXIF_LIST) && size[0] && size[1] ? size : undefined,
  }
}

/** What a function gives; undefined where it throws. */
function quietly<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}

/** The matrix that draws a stored picture of `w` x `h` upright, for each orientation from 1 to 8. */
const UPRIGHT: readonly ((w: number, h: number) => [number, number, number, number, number, number])[] = [
  () => [1, 0, 0, 1, 0, 0],
  (w) => [-1, 0, 0, 1, w, 0],
  (w, h) => [-1, 0, 0, -1, w, h],
  (_, h) => [1, 0, 0, -1, 0, h],
  () => [0, 1, 1, 0, 0, 0],
  (_, h) => [0, 1, -1, 0, h, 0],
  (w, h) => [0, -1, -1, 0, h, w],
  (w) => [0, -1, 1, 0, 0, w],
]

/** Draws the small picture upright. Undefined where the browser cannot read it. */
export async function drawThumbnail(document: Document, file: Blob, head: JpegHead): Promise<HTMLCanvasElement | undefined> {
  if (!head.thumbnail) return undefined
  const { start, end, inner } = head.thumbnail
  const bitmap = await createImageBitmap(file.slice(start, end, 'image/jpeg')).catch(() => undefined)
  if (!bitmap) return undefined
  const { left, top } = inner
  const [width, height] = [Math.round(inner.width), Math.round(inner.height)]
  const canvas = document.createElement('canvas')
  ;[canvas.width, canvas.height] = head.orientation > 4 ? [height, width] : [width, height]
  const context = canvas.getContext('2d')
  context?.setTransform(...(UPRIGHT[head.orientation - 1]?.(width, height) ?? [1, 0, 0, 1, 0, 0]))
  context?.drawImage(bitmap, left, top, inner.width, inner.height, 0, 0, width, height)
  const isUsable = context && hasDarkBars(document, bitmap, inner)
  bitmap.close()
  return isUsable ? canvas : undefined
}

/** Whether what lies beside the photo is dark. Else the small picture is of another shape than the photo: it shows something else. */
function hasDarkBars(document: Document, bitmap: ImageBitmap, { left, top }: Box): boolean {
  // The outer half: next to the photo a JPEG is not quite dark.
  const [x, y] = [Math.floor(left / 2), Math.floor(top / 2)]
  if (x === 0 && y === 0) return left === 0 && top === 0
  const { width, height } = bitmap
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d', { willReadFrequently: true })
  context?.drawImage(bitmap, 0, 0)
  const [w, h] = [x || width, y || height]
  const bars = [context?.getImageData(0, 0, w, h), context?.getImageData(width - w, height - h, w, h)]
  // The fourth sample of each pixel is its opacity.
  const mean = (data: Uint8ClampedArray): number =>
    data.reduce((sum, value, i) => sum + (i % 4 < 3 ? value : 0), 0) / (data.length * 0.75)
  return bars.every((bar) => bar && mean(bar.data) <= DARK)
}
