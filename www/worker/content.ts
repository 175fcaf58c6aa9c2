/** A file's content, as it arrives while the engine already works on what is there. */

import type { ErrorForm } from '../protocol.js'
import { type Reader, digests } from './reader.js'

/** The file can not be read to its end. */
export class Unreadable extends Error {
  readonly form: ErrorForm

  constructor(cause: unknown) {
    super('The file could not be read: it may have been moved or changed since it was picked. Pick it again.')
    this.form = { code: 'io', fault: 'environment', detail: this.message, got: String(cause) }
  }
}

type Piece = Uint8Array<ArrayBuffer>

export class Content {
  /** What has arrived, from the front. */
  readonly pieces: Piece[] = []
  /** The SHA-256 when all is there; undefined on pages that are not secure. Fails with Unreadable. */
  readonly digest: Promise<Uint8Array | undefined> | undefined
  /** Told of each piece that arrives. */
  grown: (piece: Piece) => void = () => undefined
  #arrived = 0
  #over = false
  #waiting: (() => void)[] = []

  /** Begins to read. */
  constructor(file: Blob, reader: Reader) {
    const all = this.#read(file, reader)
    this.digest = digests() ? all : undefined
    // the render that needs it is told; nobody else has to
    all.catch(() => undefined)
  }

  /** Waits until so many bytes are there, or it is known that they will not come. */
  async until(count: number): Promise<void> {
    while (this.#arrived < count && !this.#over) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  async #read(file: Blob, reader: Reader): Promise<Uint8Array | undefined> {
    try {
      return await reader.read(file, (piece) => {
        this.pieces.push(piece)
        this.#arrived += piece.byteLength
        this.grown(piece)
        this.#wake()
      })
    } catch (error) {
      throw new Unreadable(error)
    } finally {
      this.#over = true
      this.#wake()
    }
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume()
  }
}
