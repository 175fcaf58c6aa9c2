/**
 * Runs tasks one after the other, in slices, so that messages (an abort, a newer request) can be handled in between.
 * Knows nothing of wasm or workers: task, clock and pause are passed in.
 */

/** Something that is done in slices. */
export interface Task {
  readonly id: number
  /** Runs a slice of about this many rows; returns true when all is done. */
  advance(rows: number): boolean
  /** 0 to 1. */
  progress(): number
  /** Takes the result and sends it. */
  done(): void | Promise<void>
  /** Sends the error. */
  failed(error: unknown): void
  /** Releases memory; called once, after `done` or `failed`. */
  free(): void
}

export interface Clock {
  /** Milliseconds. */
  now(): number
  /** Lets waiting messages be handled. */
  pause(): Promise<void>
}

/** The error of a task that was aborted. */
export class Cancelled extends Error {}

/** A slice should take this many milliseconds: short enough for an abort to feel immediate. */
const SLICE_MS = 15
/** Least milliseconds between two reports of progress. */
const PROGRESS_INTERVAL_MS = 50

export class Queue {
  readonly #clock: Clock
  readonly #progress: (id: number, done: number) => void
  readonly #waiting: { id: number; start: () => Task | Promise<Task>; failed: (error: unknown) => void }[] = []
  readonly #aborted = new Set<number>()
  #current: number | undefined

  constructor(clock: Clock, progress: (id: number, done: number) => void) {
    this.#clock = clock
    this.#progress = progress
  }

  /** Adds a task; `start` is called when its turn comes, and what it throws goes to `failed`. */
  push(id: number, start: () => Task | Promise<Task>, failed: (error: unknown) => void): void {
    this.#waiting.push({ id, start, failed })
    if (this.#current === undefined) void this.#run()
  }

  /** Aborts a task, waiting or running. Unknown and finished ids are ignored. */
  abort(id: number): void {
    const index = this.#waiting.findIndex((entry) => entry.id === id)
    if (index >= 0) {
      const [entry] = this.#waiting.splice(index, 1)
      entry?.failed(new Cancelled())
    } else if (this.#current === id) {
      this.#aborted.add(id)
    }
  }

  async #run(): Promise<void> {
    for (let entry = this.#waiting.shift(); entry; entry = this.#waiting.shift()) {
      this.#current = entry.id
      try {
        await this.#runTask(await entry.start())
      } catch (error) {
        entry.failed(error)
      }
      this.#aborted.delete(entry.id)
      this.#current = undefined
    }
  }

  async #runTask(task: Task): Promise<void> {
    try {
      await this.#runSlices(task)
      await task.done()
    } catch (error) {
      task.failed(error)
    } finally {
      task.free()
    }
  }

  async #runSlices(task: Task): Promise<void> {
    let rows = 8
    let reported = this.#clock.now()
    for (;;) {
      if (this.#aborted.has(task.id)) throw new Cancelled()
      const start = this.#clock.now()
      if (task.advance(rows)) return
      const end = this.#clock.now()
      rows = nextRows(rows, end - start)
      if (end - reported >= PROGRESS_INTERVAL_MS) {
        reported = end
        this.#progress(task.id, task.progress())
      }
      await this.#clock.pause()
    }
  }
}

/** Rows of the next slice, when the last one of `rows` took `took` milliseconds: at most four times more or less. */
export function nextRows(rows: number, took: number): number {
  const factor = took <= 0 ? 4 : Math.min(4, Math.max(0.25, SLICE_MS / took))
  return Math.min(4096, Math.max(1, Math.round(rows * factor)))
}

/** A pause by a message to oneself: unlike timers, browsers do not delay it by 4 ms. */
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
