/**
 * A progressive JPEG by its first scan alone: the means of blocks of 8 x 8 pixels, of every colour. It is a tenth of the file or less, and
 * is seen before the browser could have decoded the rest. For the screen only: it is never part of a result.
 *
 * ITU-T T.81, B.1.1.2 (markers), B.2.3 (scan header) and G.1 (progressive scans).
 */

/** Bytes in which a first scan is looked for. */
const MOST_BYTES = 4 * 1024 * 1024

const [SOS, EOI] = [0xda, 0xd9] as const

/** The file of the first scan. Undefined where that does not hold every colour, or does not end within {@link MOST_BYTES}. */
export async function firstScan(file: Blob): Promise<Blob | undefined> {
  const bytes = new Uint8Array(await file.slice(0, MOST_BYTES).arrayBuffer())
  const end = endOfFirstScan(bytes)
  return end === undefined ? undefined : new Blob([bytes.subarray(0, end), Uint8Array.of(0xff, EOI)], { type: 'image/jpeg' })
}

/** Where the first scan of these bytes ends, if it has all components of the picture. */
export function endOfFirstScan(bytes: Uint8Array): number | undefined {
  let components = 0
  for (let at = 2; at + 9 < bytes.length; ) {
    const marker = bytes[at + 1] as number
    if (bytes[at] !== 0xff) return undefined
    const end = at + 2 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker === 0xc2) components = bytes[at + 9] as number
    if (marker === SOS) return components > 0 && bytes[at + 4] === components ? endOfData(bytes, end) : undefined
    at = end
  }
  return undefined
}

/** The place of the next marker that is not a restart. */
function endOfData(bytes: Uint8Array, from: number): number | undefined {
  for (let at = bytes.indexOf(0xff, from); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] as number
    const isData = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7)
    if (!isData) return at
  }
  return undefined
}
