// Tests of the first scan: where it ends, and that no file makes it throw.
import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { endOfFirstScan, firstScan } from './first-scan.js'

const folder = new URL('../../../tests/fixtures/jpeg/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.jpg'))
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)))

/** Places of the markers of scans and of the end, by looking at every byte. */
const markers = (bytes: Uint8Array): number[] =>
  [...bytes.keys()].filter((at) => bytes[at] === 0xff && [0xc4, 0xda, 0xd9].includes(bytes[at + 1] ?? 0))

test('it ends where the next tables or scan begin', async () => {
  const found = files.filter((name) => endOfFirstScan(read(name)) !== undefined)
  expect(found.length).toBeGreaterThan(3)
  for (const name of found) {
    const bytes = read(name)
    const end = endOfFirstScan(bytes) as number
    expect(markers(bytes), name).toContain(end)
    const blob = (await firstScan(new Blob([bytes as BlobPart]))) as Blob
    const made = new Uint8Array(await blob.arrayBuffer())
    expect([...made.subarray(0, end)], name).toEqual([...bytes.subarray(0, end)])
    expect([...made.subarray(end)], name).toEqual([0xff, 0xd9])
  }
})

test('a baseline file, one whose first scan has one colour alone, and one that is cut have none', () => {
  const coffee = new Uint8Array(readFileSync(new URL('../coffee.jpg', folder)))
  expect(endOfFirstScan(coffee)).toBeUndefined()
  for (const name of files) {
    const bytes = read(name)
    const end = endOfFirstScan(bytes)
    if (end !== undefined) expect(endOfFirstScan(bytes.subarray(0, end)), name).toBeUndefined()
  }
})

test('damaged files never throw', () => {
  const bytes = read(files.find((name) => endOfFirstScan(read(name)) !== undefined) as string)
  for (let i = 0; i < 2000; i += 1) {
    const damaged = bytes.slice(0, 1 + ((i * 7919) % bytes.length))
    damaged[(i * 104_729) % damaged.length] = (i * 31) & 255
    expect(() => endOfFirstScan(damaged)).not.toThrow()
  }
})
