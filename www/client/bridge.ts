/**
 * The page's side of the worker: starts it when it is needed, matches responses to requests, aborts requests, stops the
 * worker when it is idle, and replaces it when its engine broke or its memory grew large. Each worker is a new
 * `generation`: photos that were open in an older one are gone, and `Photo` opens them again.
 */

import type {
  AbortMessage,
  BootMessage,
  ErrorResponse,
  FromPage,
  ProgressMessage,
  WorkerRequest,
  WorkerResponse,
} from '../protocol.js'
import { TruecropError } from './error.js'

/** What a worker says about requests; the rest is for `StartingWorker`. */
export type Spoken = WorkerResponse | ProgressMessage

/** The part of `Worker` that the bridge uses; tests pass their own. */
export interface WorkerPort {
  postMessage(message: FromPage): void
  terminate(): void
  onmessage: ((event: MessageEvent<Spoken>) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
}

export interface BridgeOptions {
  start: () => WorkerPort
  boot: Omit<BootMessage, 'type'>
  /** The worker is stopped, and its memory released, after this many milliseconds without a request. */
  idle: number
}

export interface CallOptions {
  signal?: AbortSignal | undefined
  onProgress?: ((done: number) => void) | undefined
}

interface Pending {
  resolve: (response: Exclude<WorkerResponse, ErrorResponse>) => void
  reject: (error: unknown) => void
  onProgress: ((done: number) => void) | undefined
  /** The caller has aborted: its promise is already rejected, and the late response is ignored. */
  aborted: boolean
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
/** The response whose `type` is `T`. */
export type ResponseOf<T extends WorkerResponse['type']> = Extract<WorkerResponse, { type: T }>

export class Bridge {
  readonly #options: BridgeOptions
  readonly #pending = new Map<number, Pending>()
  #port: WorkerPort | undefined
  #idleTimer: ReturnType<typeof setTimeout> | undefined
  #nextId = 1
  #shouldReplace = false
  #generation = 0

  constructor(options: BridgeOptions) {
    this.#options = options
  }

  /** The number of the running worker; 0 when none is running. */
  get generation(): number {
    return this.#port ? this.#generation : 0
  }

  /** Whether the browser's own decoder is asked for what the engine does not read. */
  get usesPlatform(): boolean {
    return this.#options.boot.decoders === 'platform'
  }

  /** Starts a worker when none is running, and returns its number. */
  start(): number {
    clearTimeout(this.#idleTimer)
    if (!this.#port) {
      const port = this.#options.start()
      port.onmessage = ({ data }) => this.#onMessage(data)
      port.onerror = (event) => this.#onError(event)
      port.postMessage({ type: 'boot', ...this.#options.boot })
      this.#port = port
      this.#generation += 1
    }
    return this.#generation
  }

  /**
   * Sends a request and waits for its response.
   *
   * @throws TruecropError from the worker, or the signal's reason.
   */
  call<T extends WorkerResponse['type']>(
    type: T,
    request: WithoutId<WorkerRequest>,
    options: CallOptions = {},
  ): Promise<ResponseOf<T>> {
    const { signal, onProgress } = options
    if (signal?.aborted) return Promise.reject(signal.reason)
    this.start()
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        resolve: (response) => {
          signal?.removeEventListener('abort', abort)
          if (response.type === type) resolve(response as ResponseOf<T>)
          else reject(new Error(`expected ${type}, got ${response.type}`))
        },
        reject: (error) => {
          signal?.removeEventListener('abort', abort)
          reject(error)
        },
        onProgress,
        aborted: false,
      }
      const abort = (): void => {
        pending.aborted = true
        this.#port?.postMessage({ type: 'abort', id } satisfies AbortMessage)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#pending.set(id, pending)
      this.#port?.postMessage({ ...request, id } as WorkerRequest)
    })
  }

  /** Stops the worker now; pending requests are rejected. */
  stop(): void {
    const detail = 'The worker was stopped.'
    this.#terminate(new TruecropError({ code: 'cancelled', fault: 'environment', detail }))
  }

  #onMessage(message: Spoken): void {
    const pending = this.#pending.get(message.id)
    if (!pending) return
    if (message.type === 'progress') {
      if (!pending.aborted) pending.onProgress?.(message.done)
      return
    }
    this.#pending.delete(message.id)
    if (pending.aborted && message.type === 'proxy') message.bitmap.close()
    if (message.type === 'error') pending.reject(new TruecropError(message.error))
    else pending.resolve(message)
    if (message.type === 'error' && message.broken) {
      this.#terminate(new TruecropError({ ...message.error, detail: 'The engine broke on another photo. Please try again.' }))
    } else {
      if (message.type === 'closed') this.#shouldReplace ||= message.shouldReplace
      this.#afterResponse()
    }
  }

  /** When nothing is pending: replaces a worker whose memory grew large, or starts the idle timer. */
  #afterResponse(): void {
    if (this.#pending.size > 0) return
    if (this.#shouldReplace) return this.stop()
    clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(() => this.stop(), this.#options.idle)
    // In Node a running timer would keep the process alive.
    ;(this.#idleTimer as { unref?: () => void }).unref?.()
  }

  #onError(event: ErrorEvent): void {
    const detail = `The worker could not be started: ${event.message || 'check the address of worker.js and the page’s worker-src policy'}.`
    this.#terminate(new TruecropError({ code: 'engine-unavailable', fault: 'environment', detail, field: 'workerUrl' }))
  }

  #terminate(error: TruecropError): void {
    clearTimeout(this.#idleTimer)
    this.#port?.terminate()
    this.#port = undefined
    this.#shouldReplace = false
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const { reject } of pending) reject(error)
  }
}
