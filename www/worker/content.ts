/** A file's content, read from front to back while the engine already works on what is there. */

import type { ErrorForm } from '../protocol.js'

/** The file can not be read to its end. */
export class Unreadable extends Error {
  readonly form: ErrorForm

  constructor(cause: unknown) {
    super('The file could not be read: it may have been moved or changed since it was picked. Pick it again.')
    this.form = { code: 'io', fault: 'environment', detail: this.message, got: String(cause) }
  }
}

export class Content {
  /** As long as the file; filled from the front. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Settled when all is there; fails with Unreadable. */
  readonly complete: Promise<void>
  /** The SHA-256, which the platform computes on another thread; undefined on pages that are not secure. Fails with Unreadable. */
  readonly digest: Promise<Uint8Array> | undefined
  /** Told how many bytes are there, each time that there are more. */
  grown: (arrived: number) => void = () => undefined
  #arrived = 0
  #over = false
  #waiting: (() => void)[] = []

  /** Begins to read. */
  constructor(file: Blob) {
    this.bytes = new Uint8Array(file.size)
    this.complete = this.#read(file)
    const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined
    this.digest = subtle && this.complete.then(async () => new Uint8Array(await subtle.digest('SHA-256', this.bytes)))
    // whoever asks is told; nobody has to
    for (const promise of [this.complete, this.digest]) promise?.catch(() => undefined)
  }

  /** How many bytes are there. */
  get arrived(): number {
    return this.#arrived
  }

  /** Waits until so many bytes are there, or it is known that they will not come. */
  async until(count: number): Promise<void> {
    while (this.#arrived < count && !this.#over) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  async #read(file: Blob): Promise<void> {
    try {
      const reader = file.stream().getReader()
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        this.bytes.set(piece.value, this.#arrived)
        this.#arrived += piece.value.byteLength
        this.grown(this.#arrived)
        this.#wake()
      }
      if (this.#arrived < this.bytes.byteLength) throw new Error(`${this.#arrived} of ${this.bytes.byteLength} bytes`)
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
