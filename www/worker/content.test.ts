import { createHash } from 'node:crypto'
import { mkdtempSync, openAsBlob, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Content, Unreadable } from './content.js'

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

test('what was waited for is there, and in the end all is', async () => {
  await withFile(async (path) => {
    const told: number[] = []
    const content = new Content(await openAsBlob(path))
    content.grown = (arrived) => told.push(arrived)
    expect(content.arrived).toBe(0)
    for (const count of [0, 1, 100_000, BYTES.length]) {
      await Promise.all([content.until(count), content.until(count)])
      expect(content.arrived).toBeGreaterThanOrEqual(count)
      expect(Buffer.compare(content.bytes.subarray(0, content.arrived), BYTES.subarray(0, content.arrived))).toBe(0)
    }
    await content.complete
    expect(told).toEqual([...told].sort((a, b) => a - b))
    expect(told.at(-1)).toBe(BYTES.length)
    expect(await content.digest).toEqual(new Uint8Array(createHash('sha256').update(BYTES).digest()))
  })
})

test('an empty file is complete at once', async () => {
  const content = new Content(new Blob([]))
  await content.until(1)
  await content.complete
  expect(content.arrived).toBe(0)
})

test('a file that has changed since it was picked is told, and nobody waits for the rest', async () => {
  await withFile(async (path) => {
    const file = await openAsBlob(path)
    truncateSync(path, 1000)
    const content = new Content(file)
    await content.until(BYTES.length)
    const error: unknown = await content.complete.catch((error: unknown) => error)
    await expect(content.digest).rejects.toBe(error)
    expect(error).toBeInstanceOf(Unreadable)
    expect((error as Unreadable).form).toMatchObject({ code: 'io', fault: 'environment' })
  })
})
