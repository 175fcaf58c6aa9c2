/**
 * Starts the worker in the first way that works: bundlers, CDNs and security policies each break another one. What is sent
 * before the worker's first message is kept, so that it can be sent again to the next one.
 */

import type { FromPage, FromWorker, ModuleKind } from '../protocol.js'
import type { Spoken, WorkerPort } from './bridge.js'
import { isInlineFirst, isPrebundled, loadInlineModule, loadInlineWorker } from './inline.js'

/** The part of `Worker` that is used; tests pass their own. */
export interface WorkerLike {
  postMessage(message: FromPage): void
  terminate(): void
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
}

/** A way to start a worker. */
export interface Way {
  start: () => WorkerLike | Promise<WorkerLike>
  /** The worker's script is in the page's own files, and so are its modules. */
  inline?: boolean
}

/** Gives a module from the page's own files, as text. */
type LoadModule = (kind: ModuleKind) => Promise<string>

export class StartingWorker implements WorkerPort {
  onmessage: ((event: MessageEvent<Spoken>) => void) | null = null
  onerror: ((event: ErrorEvent) => void) | null = null
  readonly #ways: Way[]
  readonly #loadModule: LoadModule
  /** Undefined once the worker has spoken. */
  #early: FromPage[] | undefined = []
  #worker: WorkerLike | undefined
  #inline = false
  #terminated = false

  constructor(ways: readonly Way[], loadModule: LoadModule = loadInlineModule) {
    this.#ways = [...ways]
    this.#loadModule = loadModule
    void this.#startNext(undefined)
  }

  postMessage(message: FromPage): void {
    this.#early?.push(message)
    this.#worker?.postMessage(this.#forWorker(message))
  }

  terminate(): void {
    this.#terminated = true
    this.#worker?.terminate()
  }

  async #startNext(failure: unknown): Promise<void> {
    const way = this.#ways.shift()
    this.#worker = undefined
    if (this.#terminated) return
    if (!way) return this.onerror?.(asErrorEvent(failure))
    try {
      const started = way.start()
      this.#use(isPromise(started) ? await started : started, way)
    } catch (error) {
      // The first failure says most: the later ways are only tried because of it.
      await Promise.resolve()
      await this.#startNext(failure ?? error)
    }
  }

  #use(worker: WorkerLike, way: Way): void {
    if (this.#terminated) return worker.terminate()
    this.#worker = worker
    this.#inline = way.inline ?? false
    worker.onmessage = (event) => this.#onMessage(event)
    worker.onerror = (event) => {
      if (!this.#early) return this.onerror?.(event)
      // Elsewhere the page would see an uncaught error that has been dealt with.
      event.preventDefault?.()
      worker.terminate()
      void this.#startNext(event)
    }
    for (const message of this.#early ?? []) worker.postMessage(this.#forWorker(message))
  }

  #onMessage(event: MessageEvent<FromWorker>): void {
    this.#early = undefined
    if (event.data.type === 'wanted') void this.#giveModule(event.data.module)
    else if (event.data.type !== 'ready') this.onmessage?.(event as MessageEvent<Spoken>)
  }

  async #giveModule(module: ModuleKind): Promise<void> {
    const answer = await this.#loadModule(module).then(
      (text) => ({ text }),
      (error: unknown) => ({ error: String(error) }),
    )
    if (!this.#terminated) this.#worker?.postMessage({ type: 'module', module, ...answer })
  }

  #forWorker(message: FromPage): FromPage {
    return message.type === 'boot' && this.#inline ? { ...message, inline: true } : message
  }
}

const isPromise = <T>(value: T | Promise<T>): value is Promise<T> => value instanceof Promise

function asErrorEvent(failure: unknown): ErrorEvent {
  if (failure instanceof Error) return { message: failure.message } as ErrorEvent
  return (failure ?? { message: '' }) as ErrorEvent
}

/** The ways to start the worker, the best one first. `url` is the address that the page gives. */
export function waysToStart(url: string | URL | undefined): Way[] {
  if (url !== undefined) {
    const address = new URL(url, globalThis.location?.href)
    return [isElsewhere(address) ? importing(address) : { start: () => new Worker(address, { type: 'module' }) }]
  }
  const inline = { start: startInline, inline: true }
  if (isInlineFirst() || isPrebundled(moduleAddress())) return [inline]
  const beside = besideThisFile()
  return [beside && isElsewhere(beside) ? importing(beside) : { start: startBundled }, inline]
}

function startBundled(): WorkerLike {
  // Bundlers look for exactly the literal expression below: keep it as it is.
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
}

/** A worker must come from the page's own site; a script that it imports may come from a CDN. */
function importing(address: URL): Way {
  return { start: () => startText(`import ${JSON.stringify(address.href)}`, 'module') }
}

async function startInline(): Promise<WorkerLike> {
  return startText(await loadInlineWorker(), 'classic')
}

function startText(text: string, type: WorkerType): WorkerLike {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
  const worker = new Worker(url, { type })
  // The browser has the script when the worker speaks, or says why not. Revoked earlier, some do not find it.
  const revoke = (): void => URL.revokeObjectURL(url)
  worker.addEventListener('message', revoke, { once: true })
  worker.addEventListener('error', revoke, { once: true })
  return worker
}

/** The worker's address as the package has it: bundlers must not see this one. */
function besideThisFile(): URL | undefined {
  const address = moduleAddress()
  return /^https?:/.test(address) ? new URL('worker.js', address) : undefined
}

function isElsewhere(address: URL): boolean {
  const here = globalThis.location?.origin
  return here !== undefined && /^https?:/.test(address.protocol) && address.origin !== here
}

const moduleAddress = (): string => {
  const { url } = import.meta
  return url ?? ''
}
