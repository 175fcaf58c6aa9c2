/**
 * Jobs, one after the other, in slices, so that messages (an abort, a newer request) are heard in between.
 * Knows nothing of wasm or workers: the slice, the clock and the pause are given.
 */

/** Something that is worked off in slices. */
export interface Work {
  readonly id: number
  /** Does a slice of about this many rows; true when all is done. */
  advance(rows: number): boolean
  /** 0 to 1. */
  progress(): number
  /** Takes the result and answers with it. */
  done(): void | Promise<void>
  /** Answers with an error. */
  failed(error: unknown): void
  /** Gives memory back; called once, after `done` or `failed`. */
  free(): void
}

export interface Clock {
  /** Milliseconds. */
  now(): number
  /** Lets waiting messages in. */
  pause(): Promise<void>
}

/** What a job that was stopped fails with. */
export class Cancelled extends Error {}

/** A slice aims at this many milliseconds: short enough for an abort to feel immediate. */
const SLICE = 15
/** Progress is told at most this often, in milliseconds. */
const PROGRESS_EVERY = 50

export class Queue {
  readonly #clock: Clock
  readonly #progress: (id: number, done: number) => void
  readonly #waiting: { id: number; start: () => Work | Promise<Work>; failed: (error: unknown) => void }[] = []
  readonly #stopped = new Set<number>()
  #current: number | undefined

  constructor(clock: Clock, progress: (id: number, done: number) => void) {
    this.#clock = clock
    this.#progress = progress
  }

  /** Adds a job; `start` is called when its turn comes, and what it throws goes to `failed`. */
  push(id: number, start: () => Work | Promise<Work>, failed: (error: unknown) => void): void {
    this.#waiting.push({ id, start, failed })
    if (this.#current === undefined) void this.#run()
  }

  /** Stops a job, waiting or running. Unknown and finished ids are ignored. */
  abort(id: number): void {
    const index = this.#waiting.findIndex((job) => job.id === id)
    if (index >= 0) {
      const [job] = this.#waiting.splice(index, 1)
      job?.failed(new Cancelled())
    } else if (this.#current === id) {
      this.#stopped.add(id)
    }
  }

  async #run(): Promise<void> {
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) {
      this.#current = job.id
      try {
        const work = await job.start()
        await this.#work(work)
      } catch (error) {
        job.failed(error)
      }
      this.#stopped.delete(job.id)
      this.#current = undefined
    }
  }

  async #work(work: Work): Promise<void> {
    try {
      await this.#slices(work)
      await work.done()
    } catch (error) {
      work.failed(error)
    } finally {
      work.free()
    }
  }

  async #slices(work: Work): Promise<void> {
    let rows = 8
    let told = this.#clock.now()
    for (;;) {
      if (this.#stopped.has(work.id)) throw new Cancelled()
      const start = this.#clock.now()
      if (work.advance(rows)) return
      const end = this.#clock.now()
      rows = nextRows(rows, end - start)
      if (end - told >= PROGRESS_EVERY) {
        told = end
        this.#progress(work.id, work.progress())
      }
      await this.#clock.pause()
    }
  }
}

/** How many rows the next slice gets after one of `rows` took `took` milliseconds: at most four times more or less. */
export function nextRows(rows: number, took: number): number {
  const factor = took <= 0 ? 4 : Math.min(4, Math.max(0.25, SLICE / took))
  return Math.min(4096, Math.max(1, Math.round(rows * factor)))
}

/** A pause by a message to oneself: unlike a timer it is not held back to 4 ms. */
export function messagePause(): () => Promise<void> {
  const channel = new MessageChannel()
  let resume: (() => void) | undefined
  channel.port1.onmessage = () => resume?.()
  return () =>
    new Promise<void>((resolve) => {
      resume = resolve
      channel.port2.postMessage(null)
    })
}
