/** Requests with progress, that are made again where that may help. XMLHttpRequest, because `fetch` does not tell what has been sent. */

import { type ProblemBody, UploadError } from './error.js'
import type { Progress, UploadOptions } from './types.js'

/** One request. */
export interface Sent {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  headers: Record<string, string>
  body?: XMLHttpRequestBodyInit
  /** Called with the bytes of the body that have left. */
  onSent?: (bytes: number) => void
}

/** What came back. */
export interface Answer {
  status: number
  text: string
  /** Seconds after which to come again, where the answer says it. */
  retryAfter: number | undefined
  /** How much of a part has come, where the answer says it. */
  offset: number | undefined
}

/** Statuses of answers that may be others later; 0: there was none. */
export const LATER = [0, 408, 425, 429, 500, 502, 503, 504]

/** Longest pause before a request is made again, in milliseconds. */
const LONGEST_PAUSE = 30_000

export class Connection {
  readonly #base: string
  readonly #options: UploadOptions
  /** How often a request that may succeed later is made again. */
  readonly retries: number

  constructor(options: UploadOptions) {
    this.#base = new URL(options.endpoint ?? '/', globalThis.location?.href).href.replace(/\/$/, '')
    this.#options = options
    this.retries = options.retries ?? 4
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal
  }

  /** Of the server. */
  address(path: string): string {
    return this.#base + path
  }

  /** An address of an answer, which may be relative to the server's origin. */
  absolute(url: string): string {
    return new URL(url, this.#base).href
  }

  tell(progress: Progress): void {
    this.#options.onProgress?.(progress)
  }

  /** A request to the server, to a path or to an absolute address of an answer. Gives the JSON of its answer. */
  async ask<T>(method: Sent['method'], path: string, request: Partial<Sent> = {}): Promise<T> {
    const headers = { ...this.#options.headers, ...request.headers }
    const answer = await this.send({ ...request, method, url: path.startsWith('/') ? this.address(path) : path, headers })
    if (answer.status < 200 || answer.status > 299) throw new UploadError(problemOf(answer))
    return JSON.parse(answer.text || 'null') as T
  }

  /** A request to anywhere, made again while its answer may be another later. */
  async send(request: Sent, later: readonly number[] = LATER, signal = this.signal): Promise<Answer> {
    for (let tried = 0; ; tried += 1) {
      const answer = await exchange(request, signal)
      if (!later.includes(answer.status) || tried >= this.retries) return answer
      request.onSent?.(0)
      await pause(answer.retryAfter ?? 2 ** tried * (0.5 + Math.random() / 2), signal)
    }
  }

  /** Tells the server that nothing will come any more. Without waiting for it: the caller has given up. */
  abandon(path: string): void {
    const init = { method: 'DELETE', headers: this.#options.headers ?? {}, keepalive: true }
    void fetch(this.address(path), init).catch(() => undefined)
  }
}

function exchange(request: Sent, signal: AbortSignal | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    const xhr = new XMLHttpRequest()
    const abort = (): void => {
      // First: an aborted request ends as one without an answer.
      reject(signal?.reason as Error)
      xhr.abort()
    }
    signal?.addEventListener('abort', abort)
    xhr.onloadend = () => {
      signal?.removeEventListener('abort', abort)
      // Asked for by its name, a field that other origins hide is an error in the console.
      const fields = xhr.getAllResponseHeaders()
      const number = (name: string): number | undefined => {
        const found = new RegExp(`^${name}: *(\\d+)`, 'im').exec(fields)?.[1]
        return found === undefined ? undefined : Number(found)
      }
      const { status, responseText: text } = xhr
      resolve({ status, text, retryAfter: number('retry-after'), offset: number('upload-offset') })
    }
    // A listener makes the browser ask other origins first: only where somebody listens.
    if (request.onSent) xhr.upload.onprogress = ({ loaded }) => request.onSent?.(loaded)
    xhr.open(request.method, request.url)
    for (const [name, value] of Object.entries(request.headers)) xhr.setRequestHeader(name, value)
    xhr.send(request.body ?? null)
  })
}

export function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      },
      Math.min(seconds * 1000, LONGEST_PAUSE),
    )
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** The problem of an answer that is no success. */
export function problemOf({ status, text }: Answer): ProblemBody {
  const unknown =
    status === 0
      ? { code: 'unreachable', detail: 'The server cannot be reached: try again when you are online.' }
      : { code: 'unknown', detail: `The server answered with the status ${status}.` }
  try {
    const problem = JSON.parse(text) as Partial<ProblemBody>
    return { ...unknown, ...(typeof problem.code === 'string' && problem), status }
  } catch {
    return { ...unknown, status }
  }
}
