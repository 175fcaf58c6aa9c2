/**
 * Reads picked files, in a worker of the engine's worker: taking a file out of the browser, and its digest, which browsers compute
 * on the thread that asks for it, together take about as long as the crop.
 */

/** The name of such a worker: the same script, told apart by it. */
export const READER = 'truecrop-reader'

interface Ask {
  id: number
  file: Blob
}

type Told =
  | { id: number; piece: Uint8Array<ArrayBuffer> }
  | { id: number; digest: Uint8Array | undefined }
  | { id: number; error: string }

/** Takes a piece of the file; they come from front to back. */
type Give = (piece: Uint8Array<ArrayBuffer>) => void

/** The digests that the platform computes: on secure pages only. */
const subtle = (): SubtleCrypto | undefined => globalThis.crypto?.subtle as SubtleCrypto | undefined

/** Whether a file read here gets its digest. */
export const digests = (): boolean => subtle() !== undefined

/** Reads a file on this thread; its SHA-256 if there is one. */
export async function read(file: Blob, give: Give): Promise<Uint8Array | undefined> {
  const whole = digests() ? new Uint8Array(file.size) : undefined
  let end = 0
  const reader = file.stream().getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    // one that is part of a larger buffer could not be handed over
    const piece = next.value.byteLength < next.value.buffer.byteLength ? next.value.slice() : next.value
    whole?.set(piece, end)
    end += piece.byteLength
    give(piece)
  }
  if (end < file.size) throw new Error(`${end} of ${file.size} bytes`)
  return whole && new Uint8Array(await crypto.subtle.digest('SHA-256', whole))
}

/** The reading worker's side. */
export function serve(scope: {
  onmessage: ((event: MessageEvent<Ask>) => void) | null
  postMessage(told: Told, transfer: Transferable[]): void
}): void {
  scope.onmessage = ({ data: { id, file } }) => {
    read(file, (piece) => scope.postMessage({ id, piece }, [piece.buffer])).then(
      (digest) => scope.postMessage({ id, digest }, []),
      (error: unknown) => scope.postMessage({ id, error: String(error) }, []),
    )
  }
}

interface Reading {
  file: Blob
  give: Give
  begun: boolean
  resolve(digest: Uint8Array | undefined | Promise<Uint8Array | undefined>): void
  reject(error: unknown): void
}

/** The engine's side. */
export class Reader {
  readonly #worker: Worker | undefined
  readonly #readings = new Map<number, Reading>()
  #last = 0
  #broken = false

  /** With the script of the reading worker; without one, files are read on this thread. */
  constructor(script?: string) {
    try {
      this.#worker = script === undefined ? undefined : new Worker(script, { type: 'module', name: READER })
    } catch {
      // a browser without workers in workers, or a policy against them
    }
    if (!this.#worker) return
    this.#worker.onmessage = ({ data }: MessageEvent<Told>) => this.#told(data)
    this.#worker.onerror = (event) => {
      event.preventDefault()
      this.#gone(event.message)
    }
  }

  /** Reads a file; its SHA-256 if there is one. */
  read(file: Blob, give: Give): Promise<Uint8Array | undefined> {
    if (!this.#worker || this.#broken) return read(file, give)
    const id = ++this.#last
    this.#worker.postMessage({ id, file } satisfies Ask)
    return new Promise((resolve, reject) => this.#readings.set(id, { file, give, begun: false, resolve, reject }))
  }

  #told(told: Told): void {
    const reading = this.#readings.get(told.id)
    if (!reading) return
    if ('piece' in told) {
      reading.begun = true
      reading.give(told.piece)
      return
    }
    this.#readings.delete(told.id)
    if ('error' in told) reading.reject(new Error(told.error))
    else reading.resolve(told.digest)
  }

  /** The worker did not start, or has broken: what it has not begun is read here. */
  #gone(why: string): void {
    this.#broken = true
    for (const { file, give, begun, resolve, reject } of this.#readings.values()) {
      if (begun) reject(new Error(why))
      else resolve(read(file, give))
    }
    this.#readings.clear()
  }
}
