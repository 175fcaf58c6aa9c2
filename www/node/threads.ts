/** Threads that the engine works on, beside the caller's event loop: `node:worker_threads`, in Node, Deno and Bun. */

import { TruecropError } from '../client/error.js'
import { type PlainError, fromPlain } from './error.js'
import { type JobName, type Jobs, buffersOf } from './jobs.js'
import { builtin } from './runtime.js'

export interface JobMessage {
  name: JobName
  job: unknown
}

export type ThreadMessage =
  | { type: 'ready' }
  | { type: 'result'; result: unknown; memory: number }
  | { type: 'error'; error: PlainError; memory: number }

type Worker = import('node:worker_threads').Worker

/** A thread's memory never shrinks: one that held more than this is replaced after its job. */
const MOST_MEMORY = 256 * 1024 * 1024
/** A thread without work is stopped after so many milliseconds. */
const IDLE_MS = 30_000

/** There can be no threads: a bundler has left their script behind, or the platform has none. */
export class NoThreads extends Error {}

export class Threads {
  readonly #most: number
  readonly #wasm: () => Promise<unknown>
  readonly #idle: Thread[] = []
  #busy = 0
  readonly #waiting: (() => void)[] = []

  /**
   * @param most how many there may be at once; further work waits
   * @param wasm the engine's module, for each thread that starts
   */
  constructor(most: number, wasm: () => Promise<unknown>) {
    this.#most = most
    this.#wasm = wasm
  }

  /**
   * Does a job on a thread. The memory of its bytes is moved there.
   *
   * @throws TruecropError from the engine; the signal's reason, after which the thread is gone; NoThreads
   */
  async run<Name extends JobName>(
    name: Name,
    job: Jobs[Name]['job'],
    signal: AbortSignal | undefined,
  ): Promise<Jobs[Name]['result']> {
    await this.#place(signal)
    try {
      const thread = this.#idle.pop() ?? (await Thread.start(await this.#wasm()))
      try {
        return (await thread.run({ name, job }, signal)) as Jobs[Name]['result']
      } finally {
        if (thread.isUsable) this.#rest(thread)
        else thread.stop()
      }
    } finally {
      this.#busy -= 1
      this.#waiting.shift()?.()
    }
  }

  /** Waits for a place among the busy ones. */
  #place(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    if (this.#busy < this.#most) {
      this.#busy += 1
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener('abort', leave)
        this.#busy += 1
        resolve()
      }
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiting.push(enter)
    })
  }

  #rest(thread: Thread): void {
    this.#idle.push(thread)
    thread.rest(() => {
      this.#idle.splice(this.#idle.indexOf(thread), 1)
      thread.stop()
    })
  }
}

class Thread {
  readonly #worker: Worker
  #idleTimer: ReturnType<typeof setTimeout> | undefined
  isUsable = true

  private constructor(worker: Worker) {
    this.#worker = worker
    // What happens to a thread without a job is found out by its next job.
    worker.on('error', () => (this.isUsable = false))
    worker.on('exit', () => (this.isUsable = false))
  }

  /** @throws NoThreads when it does not come up. */
  static start(wasm: unknown): Promise<Thread> {
    const threads = builtin('node:worker_threads')
    if (!threads) throw new NoThreads()
    const { promise, resolve, reject } = deferred<Thread>()
    try {
      const worker = new threads.Worker(new URL('./node-thread.js', import.meta.url), { workerData: { wasm } })
      const thread = new Thread(worker)
      const failed = (error: unknown): void => {
        void worker.terminate()
        reject(new NoThreads(String(error)))
      }
      worker.once('error', failed)
      worker.once('exit', failed)
      worker.once('message', () => {
        worker.off('error', failed)
        worker.off('exit', failed)
        resolve(thread)
      })
    } catch (error) {
      reject(new NoThreads(String(error)))
    }
    return promise
  }

  run(message: JobMessage, signal: AbortSignal | undefined): Promise<unknown> {
    clearTimeout(this.#idleTimer)
    const worker = this.#worker
    const { promise, resolve, reject } = deferred<unknown>()
    const abort = (): void => {
      this.isUsable = false
      reject(signal?.reason)
    }
    const ended = (why: unknown): void => {
      this.isUsable = false
      const detail = `The engine's thread ended in the middle of its work: ${String(why)}. Try again.`
      reject(new TruecropError({ code: 'internal', fault: 'environment', detail }))
    }
    const answered = (answer: ThreadMessage): void => {
      if (answer.type === 'ready') return
      if (answer.memory > MOST_MEMORY) this.isUsable = false
      if (answer.type === 'result') return resolve(answer.result)
      // After a trap the engine's memory is in no known state.
      if (answer.error.code === 'internal') this.isUsable = false
      reject(fromPlain(answer.error))
    }
    if (signal?.aborted) abort()
    else if (!this.isUsable) ended('it was stopped')
    else {
      signal?.addEventListener('abort', abort, { once: true })
      worker.on('message', answered).on('error', ended).on('exit', ended)
      worker.ref()
      worker.postMessage(message, buffersOf(message.job))
    }
    return promise.finally(() => {
      signal?.removeEventListener('abort', abort)
      worker.off('message', answered).off('error', ended).off('exit', ended)
      worker.unref()
    })
  }

  /** Keeps the thread for the next job, without keeping the process alive. */
  rest(stop: () => void): void {
    this.#idleTimer = setTimeout(stop, IDLE_MS)
    this.#idleTimer.unref?.()
  }

  stop(): void {
    clearTimeout(this.#idleTimer)
    this.isUsable = false
    void this.#worker.terminate()
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
  let [resolve, reject]: [(value: T) => void, (reason: unknown) => void] = [() => undefined, () => undefined]
  const promise = new Promise<T>((yes, no) => ([resolve, reject] = [yes, no]))
  return { promise, resolve, reject }
}
