import { createHash } from 'node:crypto'
import { mkdtempSync, openAsBlob, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Content, Unreadable } from './content.js'
import { Reader } from './reader.js'

const BYTES = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3)

async function withFile(use: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'content-'))
  try {
    const path = join(folder, 'photo')
    writeFileSync(path, BYTES)
    await use(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Reads on this thread: tests/e2e has the worker that reads. */
const open = (file: Blob): Content => new Content(file, new Reader())

test('what was waited for is there, and in the end all is', async () => {
  await withFile(async (path) => {
    const content = open(await openAsBlob(path))
    const told: Uint8Array[] = []
    content.grown = (piece) => told.push(piece)
    for (const count of [0, 1, 100_000, BYTES.length]) {
      await Promise.all([content.until(count), content.until(count)])
      const there = Buffer.concat(content.pieces)
      expect(there.length).toBeGreaterThanOrEqual(count)
      expect(Buffer.compare(there, BYTES.subarray(0, there.length))).toBe(0)
    }
    expect(await content.digest).toEqual(new Uint8Array(createHash('sha256').update(BYTES).digest()))
    expect(told.length).toBe(content.pieces.length)
  })
})

test('an empty file is complete at once', async () => {
  const content = open(new Blob([]))
  await content.until(1)
  await content.digest
  expect(content.pieces).toEqual([])
})

test('a file that has changed since it was picked is told, and nobody waits for the rest', async () => {
  await withFile(async (path) => {
    const file = await openAsBlob(path)
    truncateSync(path, 1000)
    const content = open(file)
    await content.until(BYTES.length)
    const error: unknown = await content.digest?.catch((error: unknown) => error)
    expect(error).toBeInstanceOf(Unreadable)
    expect((error as Unreadable).form).toMatchObject({ code: 'io', fault: 'environment' })
  })
})
