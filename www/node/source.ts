/** What callers pass as a file, as something that a thread can be given: a path, or bytes of its own. */

import { TruecropError, invalidOption } from '../client/error.js'
import { kindOf, toBytes } from '../core/check.js'
import { tooLong } from './error.js'
import { builtin } from './runtime.js'

/** A file that the engine's thread reads, or its bytes. */
export type Loaded = { path: string } | { bytes: Uint8Array<ArrayBuffer> }

/** The engine's own bound (crates/truecrop-core/src/limits.rs). */
const SOURCE_BYTES = 256 * 1024 * 1024

export const mostSourceBytes = (limits: Record<string, number> | undefined): number => limits?.['source_bytes'] ?? SOURCE_BYTES

export const sourceTooLarge = (most: number): TruecropError =>
  tooLong('source.bytes', most, 'The file is too large: send a smaller one, or raise the limit source_bytes.', 'source-too-large')

/**
 * Reads a {@link Source}, other than a path, into memory that nobody else has.
 *
 * @throws TruecropError `source-too-large`; `io` when a stream fails; `invalid-option`
 */
export async function load(source: unknown, most: number, signal: AbortSignal | undefined): Promise<Loaded> {
  const refuse = (): TruecropError => sourceTooLarge(most)
  signal?.throwIfAborted()
  if (typeof source === 'string') return { path: toPath(source) }
  if (source instanceof URL) return { path: toPath(source.href) }
  if (typeof Blob !== 'undefined' && source instanceof Blob) {
    if (source.size > most) throw sourceTooLarge(most)
    return { bytes: new Uint8Array(await source.arrayBuffer()) }
  }
  if (typeof Response !== 'undefined' && source instanceof Response) {
    if (!source.ok) throw invalidOption(`The source's address answered ${source.status}.`, 'source', 200, source.status)
    return { bytes: await spool(chunksOf(source.body ?? new Blob().stream()), signal, most, refuse) }
  }
  const chunks = chunksOf(source)
  if (chunks) return { bytes: await spool(chunks, signal, most, refuse) }
  const bytes = toBytes(source, 'source')
  if (bytes.byteLength > most) throw sourceTooLarge(most)
  return { bytes: copyOf(bytes) }
}

/** Bytes of their own, which may be moved to a thread. (`Buffer`'s `slice` gives a view.) */
export const copyOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

function toPath(text: string): string {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) return text
  if (scheme !== 'file') {
    const detail = `${scheme}: addresses are not fetched here: pass \`await fetch(address)\`, once you trust the address.`
    throw invalidOption(detail, 'source', 'a path', `${scheme}:`)
  }
  return builtin('node:url')?.fileURLToPath(text) ?? decodeURIComponent(new URL(text).pathname)
}

type Chunks = AsyncIterator<unknown>

/** The chunks of a stream of any kind; undefined for what is none. */
export function chunksOf(stream: ReadableStream<Uint8Array>): Chunks
export function chunksOf(stream: unknown): Chunks | undefined
export function chunksOf(stream: unknown): Chunks | undefined {
  if (typeof stream !== 'object' || stream === null) return undefined
  if (typeof ReadableStream !== 'undefined' && stream instanceof ReadableStream) {
    if (stream.locked) throw invalidOption('This stream is being read, or was read already.', 'source', 'a stream', 'locked')
    const reader = stream.getReader()
    const finish = async (): Promise<IteratorResult<unknown>> => {
      await reader.cancel().catch(() => undefined)
      return { done: true, value: undefined }
    }
    return { next: () => reader.read() as Promise<IteratorResult<unknown>>, return: finish }
  }
  return (stream as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator]?.()
}

/**
 * Reads a stream of bytes to its end.
 *
 * @throws TruecropError what `refuse` gives, when there are more than `most` bytes; `io` when the stream fails
 */
export async function spool(
  chunks: Chunks,
  signal: AbortSignal | undefined,
  most: number,
  refuse: () => TruecropError,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      const { done, value } = await unlessAborted(chunks.next(), signal)
      if (done) break
      if (!ArrayBuffer.isView(value)) {
        throw invalidOption('A stream must give bytes; do not set an encoding on it.', 'source', 'Uint8Array', kindOf(value))
      }
      length += value.byteLength
      if (length > most) throw refuse()
      parts.push(toBytes(value, 'source'))
    }
  } catch (error) {
    // What is left of it is not read; nobody waits for its end.
    void Promise.resolve(chunks.return?.()).catch(() => undefined)
    if (error instanceof TruecropError || signal?.aborted) throw error
    throw new TruecropError({ code: 'io', fault: 'environment', detail: `The stream failed: ${String(error)}.` })
  }
  return joined(parts, length)
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  return bytes
}

/** The promise's value, or the signal's reason if that comes first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    const settled = <V>(settle: (value: V) => void) => {
      return (value: V): void => {
        signal.removeEventListener('abort', abort)
        settle(value)
      }
    }
    promise.then(settled(resolve), settled(reject))
  })
}

/**
 * The bytes of a loaded source, where the engine is.
 *
 * @throws TruecropError `io` when there is no such file, or it cannot be read
 */
export async function read(source: Loaded, most: number): Promise<Uint8Array<ArrayBuffer>> {
  if ('bytes' in source) return source.bytes
  const files = builtin('node:fs/promises')
  if (!files) throw invalidOption('There are no files here: pass the bytes of the source.', 'source', 'Uint8Array', 'a path')
  try {
    const { size } = await files.stat(source.path)
    if (size > most) throw sourceTooLarge(most)
    return toBytes(await files.readFile(source.path), 'source')
  } catch (error) {
    if (error instanceof TruecropError) throw error
    const detail = `The source could not be read: ${(error as Error).message}. Check the path.`
    throw new TruecropError({ code: 'io', fault: 'environment', detail, field: 'source' })
  }
}
