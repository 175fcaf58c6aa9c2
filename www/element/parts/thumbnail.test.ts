// Tests of the reader of small pictures: which one is used, and that no file makes it throw.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { withExif } from '../../../tests/exif.js'
import { readHead } from './thumbnail.js'

const fixture = (name: string): Buffer => readFileSync(new URL(`../../../tests/fixtures/${name}`, import.meta.url))
/** 150 x 100, 600 x 400 and 3 x 5. */
const [photo, wide, tall] = ['orientation-1.jpg', 'coffee.jpg', 'three-by-five.jpg'].map((name) => withExif(fixture(name), {}))
const plain = (jpeg: Buffer | undefined): Buffer => {
  const exif = (jpeg as Buffer).readUInt16BE(4) + 4
  return Buffer.concat([(jpeg as Buffer).subarray(0, 2), (jpeg as Buffer).subarray(exif)])
}
const sizeOf = (jpeg: Buffer | undefined): [number, number] => {
  const { width, height } = readHead(jpeg as Buffer) ?? { width: 0, height: 0 }
  return [width, height]
}

test('the size is that of the upright photo, by its orientation', () => {
  const [width, height] = sizeOf(photo)
  for (let orientation = 1; orientation <= 8; orientation += 1) {
    const head = readHead(withExif(photo as Buffer, { orientation }))
    const upright = orientation > 4 ? [height, width] : [width, height]
    expect([head?.orientation, head?.width, head?.height]).toEqual([orientation, ...upright])
  }
})

test('a small picture is used where it has the photo’s shape and the EXIF data are the photo’s', () => {
  const thumbnail = plain(photo)
  const size = sizeOf(photo)
  for (const options of [{ thumbnail }, { thumbnail, size }, { thumbnail, orientation: 6 }]) {
    const file = withExif(photo as Buffer, options)
    const { start = 0, end = 0 } = readHead(file)?.thumbnail ?? {}
    expect(file.subarray(start, end).equals(thumbnail)).toBe(true)
  }
})

const wrong: [string, Parameters<typeof withExif>[1]][] = [
  ['there is none', {}],
  ['it has another shape', { thumbnail: plain(tall) }],
  ['it was made of a photo of another size', { thumbnail: plain(photo), size: [9999, 7499] }],
  ['it is no JPEG', { thumbnail: fixture('one-pixel.png') }],
  ['it has EXIF data of its own', { thumbnail: withExif(photo as Buffer, { orientation: 3 }) }],
]
test.each(wrong)('no small picture is used where %s', (_, options) => {
  expect(readHead(withExif(photo as Buffer, options))).toMatchObject({ orientation: 1, thumbnail: undefined })
})

test('a small picture that the bytes do not hold in full is not used', () => {
  const file = withExif(wide as Buffer, { thumbnail: plain(wide) })
  const { start = 0, end = 0 } = readHead(file)?.thumbnail ?? {}
  expect(end).toBeGreaterThan(start)
  expect(readHead(file.subarray(0, end - 1))?.thumbnail).toBeUndefined()
})

test('what is not a JPEG has no head', () => {
  for (const name of ['cat.png', 'cat.webp', 'animated.gif', 'empty.jpg', 'not-a-picture.txt']) {
    expect(readHead(fixture(name)), name).toBeUndefined()
  }
})

test('damaged heads never throw', () => {
  const file = withExif(photo as Buffer, { orientation: 6, thumbnail: plain(photo), size: sizeOf(photo) })
  for (let length = 0; length < 600; length += 1) readHead(file.subarray(0, length))
  // Every byte of the lists, with the values that break lengths and places.
  for (let at = 0; at < 140; at += 1) {
    for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
      const damaged = Buffer.from(file)
      damaged[at] = value
      readHead(damaged)
    }
  }
})
