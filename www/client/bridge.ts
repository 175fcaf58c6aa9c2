/**
 * The worker as seen from the page: starts it when needed, matches answers to requests, aborts, stops it when idle and
 * replaces it when its engine broke or its memory grew large. Each worker is a new `generation`; what was open in an
 * older one is gone, and Photo opens it again.
 */

import type { Abort, Answer, Boot, Failure, FromPage, FromWorker, Request } from '../protocol.js'
import { TruecropError } from './error.js'

/** What the bridge needs of a `Worker`; tests give their own. */
export interface Port {
  postMessage(message: FromPage): void
  terminate(): void
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
}

export interface BridgeOptions {
  start: () => Port
  boot: Omit<Boot, 'type'>
  /** Milliseconds without work after which the worker is stopped and its memory given back. */
  idle: number
}

export interface CallOptions {
  signal?: AbortSignal | undefined
  onProgress?: ((done: number) => void) | undefined
}

interface Pending {
  resolve: (answer: Exclude<Answer, Failure>) => void
  reject: (error: unknown) => void
  onProgress: ((done: number) => void) | undefined
  /** The caller has gone: only the answer's end is awaited. */
  left: boolean
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
/** The answers of type `T`. */
export type AnswerOf<T extends Answer['type']> = Extract<Answer, { type: T }>

export class Bridge {
  readonly #options: BridgeOptions
  readonly #pending = new Map<number, Pending>()
  #port: Port | undefined
  #idle: ReturnType<typeof setTimeout> | undefined
  #nextId = 1
  #spent = false
  #generation = 0

  constructor(options: BridgeOptions) {
    this.#options = options
  }

  /** The number of the running worker; 0 when none runs. */
  get generation(): number {
    return this.#port ? this.#generation : 0
  }

  /** Starts a worker when none runs, and says which. */
  start(): number {
    clearTimeout(this.#idle)
    if (!this.#port) {
      const port = this.#options.start()
      port.onmessage = ({ data }) => this.#heard(data)
      port.onerror = (event) => this.#died(event)
      port.postMessage({ type: 'boot', ...this.#options.boot })
      this.#port = port
      this.#generation += 1
    }
    return this.#generation
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @throws TruecropError from the worker, or the signal's reason.
   */
  call<T extends Answer['type']>(answer: T, request: WithoutId<Request>, options: CallOptions = {}): Promise<AnswerOf<T>> {
    const { signal, onProgress } = options
    if (signal?.aborted) return Promise.reject(signal.reason)
    this.start()
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        resolve: (got) => {
          signal?.removeEventListener('abort', abort)
          if (got.type === answer) resolve(got as AnswerOf<T>)
          else reject(new Error(`expected ${answer}, got ${got.type}`))
        },
        reject: (error) => {
          signal?.removeEventListener('abort', abort)
          reject(error)
        },
        onProgress,
        left: false,
      }
      const abort = (): void => {
        pending.left = true
        this.#port?.postMessage({ type: 'abort', id } satisfies Abort)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#pending.set(id, pending)
      this.#port?.postMessage({ ...request, id } as Request)
    })
  }

  /** Stops the worker now; what is pending is refused. */
  stop(): void {
    const detail = 'The worker was stopped.'
    this.#end(new TruecropError({ code: 'cancelled', fault: 'environment', detail }))
  }

  #heard(message: FromWorker): void {
    const pending = this.#pending.get(message.id)
    if (!pending) return
    if (message.type === 'progress') {
      if (!pending.left) pending.onProgress?.(message.done)
      return
    }
    this.#pending.delete(message.id)
    if (pending.left && message.type === 'proxy') message.bitmap.close()
    if (message.type === 'error') pending.reject(new TruecropError(message.error))
    else pending.resolve(message)
    if (message.type === 'error' && message.broken) {
      this.#end(new TruecropError({ ...message.error, detail: 'The engine broke on another photo: try again.' }))
    } else {
      if (message.type === 'closed') this.#spent ||= message.spent
      this.#rest()
    }
  }

  /** After an answer: replace a spent worker, or wait for the idle stop. */
  #rest(): void {
    if (this.#pending.size > 0) return
    if (this.#spent) return this.stop()
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.stop(), this.#options.idle)
    // In Node a waiting timer would keep the process alive.
    ;(this.#idle as { unref?: () => void }).unref?.()
  }

  #died(event: ErrorEvent): void {
    const detail = `The worker could not run: ${event.message || 'check the address of worker.js and the page’s worker-src'}.`
    this.#end(new TruecropError({ code: 'engine-unavailable', fault: 'environment', detail, field: 'workerUrl' }))
  }

  #end(error: TruecropError): void {
    clearTimeout(this.#idle)
    this.#port?.terminate()
    this.#port = undefined
    this.#spent = false
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const each of pending) each.reject(error)
  }
}
