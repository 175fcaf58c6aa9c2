/** Puts EXIF data with a small picture into a JPEG, as cameras do. CIPA DC-008, 4.5; the lists are those of TIFF 6.0, section 2. */

export interface ExifOptions {
  orientation?: number
  /** The small picture: a JPEG. */
  thumbnail?: Uint8Array
  /** Columns and rows of the photo, as the EXIF data say. */
  size?: [number, number]
}

/** The JPEG with these EXIF data in place of its own. */
export function withExif(jpeg: Uint8Array, options: ExifOptions): Buffer {
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff(options)])
  const head = Buffer.alloc(4)
  head.writeUInt16BE(0xffe1, 0)
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([Buffer.from(jpeg.subarray(0, 2)), head, body, withoutExif(jpeg)])
}

/** What follows the start of image, without the segments of EXIF and XMP. */
function withoutExif(jpeg: Uint8Array): Buffer {
  const bytes = Buffer.from(jpeg)
  const kept: Buffer[] = []
  let at = 2
  while (bytes[at] === 0xff && (bytes[at + 1] ?? 0) >= 0xe0 && (bytes[at + 1] ?? 0) <= 0xef) {
    const end = at + 2 + bytes.readUInt16BE(at + 2)
    if (bytes[at + 1] !== 0xe1) kept.push(bytes.subarray(at, end))
    at = end
  }
  return Buffer.concat([...kept, bytes.subarray(at)])
}

const [SHORT, LONG] = [3, 4]

function tiff({ orientation = 1, thumbnail, size }: ExifOptions): Buffer {
  const listBytes = (count: number): number => 2 + 12 * count + 4
  const details = 8 + listBytes(2)
  const second = details + listBytes(2)
  const place = second + listBytes(3)
  const header = Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0])
  return Buffer.concat([
    header,
    list(
      [
        [0x0112, SHORT, orientation],
        [0x8769, LONG, details],
      ],
      thumbnail ? second : 0,
    ),
    list(
      [
        [0xa002, LONG, size?.[0] ?? 0],
        [0xa003, LONG, size?.[1] ?? 0],
      ],
      0,
    ),
    list(
      [
        [0x0103, SHORT, 6],
        [0x0201, LONG, place],
        [0x0202, LONG, thumbnail?.length ?? 0],
      ],
      0,
    ),
    thumbnail ?? Buffer.alloc(0),
  ])
}

function list(entries: [tag: number, type: number, value: number][], next: number): Buffer {
  const bytes = Buffer.alloc(2 + 12 * entries.length + 4)
  bytes.writeUInt16LE(entries.length, 0)
  entries.forEach(([tag, type, value], i) => {
    bytes.writeUInt16LE(tag, 2 + 12 * i)
    bytes.writeUInt16LE(type, 4 + 12 * i)
    bytes.writeUInt32LE(1, 6 + 12 * i)
    if (type === SHORT) bytes.writeUInt16LE(value, 10 + 12 * i)
    else bytes.writeUInt32LE(value, 10 + 12 * i)
  })
  bytes.writeUInt32LE(next, 2 + 12 * entries.length)
  return bytes
}
