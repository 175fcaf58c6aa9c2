/**
 * A photo where the engine cannot run: the platform decodes it for the screen, and the form carries the recipe and the source,
 * of which the server makes the pixels. Loaded when it is needed.
 */

import type { Result } from '../../client/photo.js'
import type { Facts, Recipe, Solved, View } from '../../protocol.js'
import type { Aspect } from './geometry.js'
import type { OpenPhoto } from './photo.js'

/** Bytes of a file in which its header says whether it may be transparent. */
const HEAD_BYTES = 65_536

/** What the element has already: imported here, it would stand in a file of its own. */
export interface Tools {
  solve: (facts: Facts, aspect: Aspect, contain: boolean, view: View) => Solved
  Result: typeof Result
}

/** Stands for a result where there is none yet: the server makes the outputs and the receipt. */
function pendingResult(Base: typeof Result, recipe: Recipe, source: File): Result {
  class PendingResult extends Base {
    /** `NAME.recipe` and `NAME.source`: in this order, so that the server can refuse early. */
    override toFormData(name = 'main'): FormData {
      const form = new FormData()
      form.append(`${name}.recipe`, new File([JSON.stringify(recipe)], 'recipe.json', { type: 'application/json' }))
      form.append(`${name}.source`, source)
      return form
    }
  }
  return new PendingResult({ type: 'rendered', id: 0, receipt: '', outputs: [], took: 0, memory: 0 })
}

/**
 * Opens a photo by the platform's decoder, which applies its EXIF orientation.
 *
 * @throws whatever the decoder says, or a TypeError for a format that the server would not read.
 */
export async function openPlainPhoto(file: File, { solve, Result }: Tools): Promise<OpenPhoto> {
  const head = await readHead(file)
  if (!head) throw new TypeError('This format is not read here.')
  const bitmap = await createImageBitmap(file)
  const { width, height } = bitmap
  let isGiven = false
  const facts: Facts = { ...head, bytes: file.size, width, height, orientation: 1, animated: false, ignored: [] }
  return {
    facts,
    isInexact: true,
    // The element closes it: it is asked for once.
    proxy: (longest) => {
      isGiven = true
      return shrunk(bitmap, longest)
    },
    solve: (view, aspect, contain = false) => Promise.resolve(solve(facts, aspect, contain, view)),
    render: (recipe) => Promise.resolve(pendingResult(Result, recipe, file)),
    // A photo that nobody looks at has no proxy.
    close: async () => {
      if (!isGiven) bitmap.close()
    },
  }
}

async function shrunk(bitmap: ImageBitmap, longest: number): Promise<ImageBitmap> {
  const scale = longest / Math.max(bitmap.width, bitmap.height)
  if (scale >= 1) return bitmap
  const [resizeWidth, resizeHeight] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)))
  try {
    return await createImageBitmap(bitmap, { resizeWidth, resizeHeight, resizeQuality: 'high' })
  } finally {
    bitmap.close()
  }
}

/** The formats that every platform and every server reads, and whether the picture may be transparent, as the core sees it. */
async function readHead(file: Blob): Promise<Pick<Facts, 'format' | 'alpha'> | undefined> {
  const view = new DataView(await file.slice(0, HEAD_BYTES).arrayBuffer())
  const text = (at: number, length: number): string => {
    const end = Math.min(view.byteLength, at + length)
    return end > at ? String.fromCharCode(...new Uint8Array(view.buffer, at, end - at)) : ''
  }
  if (text(0, 3) === '\xff\xd8\xff') return { format: 'jpeg', alpha: false }
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return { format: 'png', alpha: pngAlpha(view, text) }
  if (text(0, 4) === 'GIF8') return { format: 'gif', alpha: /\x21\xf9\x04[^]/.test(text(0, 8192)) && gifAlpha(text(0, 8192)) }
  if (text(0, 4) === 'RIFF' && text(8, 4) === 'WEBP') return { format: 'webp', alpha: webpAlpha(view, text(12, 4)) }
  return undefined
}

/** By the colour type, or a chunk tRNS before the pixel data. */
function pngAlpha(view: DataView, text: (at: number, length: number) => string): boolean {
  if (view.byteLength < 33) return true
  if ([4, 6].includes(view.getUint8(25))) return true
  for (let at = 33; at + 8 <= view.byteLength; at += 12 + view.getUint32(at)) {
    const type = text(at + 4, 4)
    if (type === 'tRNS') return true
    if (type === 'IDAT') return false
  }
  return true
}

/** By the flags of the first graphic control. */
function gifAlpha(head: string): boolean {
  const at = head.indexOf('\x21\xf9\x04')
  return (head.charCodeAt(at + 3) & 1) === 1
}

/** By the flag of the extended header, or of the lossless picture. */
function webpAlpha(view: DataView, chunk: string): boolean {
  if (view.byteLength < 25) return true
  if (chunk === 'VP8X') return (view.getUint8(20) & 0x10) !== 0
  return chunk === 'VP8L' && (view.getUint8(24) & 0x10) !== 0
}
