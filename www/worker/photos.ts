/** The sessions of one worker, and the work that requests ask of them. */

import type { Answer, Boot, Close, ErrorForm, Facts, Open, Render, Solve, Solved, WantProxy } from '../protocol.js'
import { type CropTask, type Engine, EngineMissing, type Session } from './engine.js'
import type { Modules } from './modules.js'
import { Cancelled, type Work } from './queue.js'

/** Above this the memory is given back by replacing the worker: wasm memory grows but never shrinks. */
const SPENT_BYTES = 64 * 1024 * 1024

/**
 * Up to here a file is read at once, and its content kept beside the engine while it is open: asking a `Blob` piece by
 * piece takes longer than decoding. Larger files are read and digested in pieces.
 */
const READ_AT_ONCE = 32 * 1024 * 1024

type Post = (answer: Answer, transfer?: Transferable[]) => void

/** A file and what was opened of it. */
interface Opened {
  file: Blob
  session: Session
  /** Settled when the session has the file's content, or will read it by itself. */
  held: Promise<void>
  /** Settled when the session has the file's digest; undefined while nobody but the session computes one. */
  digest?: Promise<void>
}

export class Photos {
  readonly #modules: Modules
  readonly #limits: string | undefined
  readonly #post: Post
  readonly #opened = new Map<number, Opened>()
  #broken = false

  constructor(boot: Boot | undefined, modules: Modules, post: Post) {
    this.#limits = boot?.limits
    this.#modules = modules
    this.#post = post
  }

  async open(request: Open): Promise<Work> {
    let engine = await this.#modules.for(request.file)
    try {
      this.#start(engine, request.photo, request.file)
    } catch (error) {
      if (!needsMore(error)) throw error
      engine = await this.#modules.get('full')
      this.#start(engine, request.photo, request.file)
    }
    return this.#instant(request.id, () => {
      const facts = JSON.parse(this.#session(request.photo).facts()) as Facts
      this.#post({ type: 'facts', id: request.id, facts })
    })
  }

  solve(request: Solve): Work {
    return this.#instant(request.id, () => {
      const [width, height] = request.aspect
      const json = this.#session(request.photo).solve(JSON.stringify(request.view), width, height, request.contain)
      this.#post({ type: 'solved', id: request.id, solved: JSON.parse(json) as Solved })
    })
  }

  async close(request: Close): Promise<Work> {
    const memory = await this.#modules.memory()
    return this.#instant(request.id, () => {
      this.#opened.get(request.photo)?.session.free()
      this.#opened.delete(request.photo)
      this.#post({ type: 'closed', id: request.id, spent: memory > SPENT_BYTES })
    })
  }

  async proxy(request: WantProxy): Promise<Work> {
    await this.#opened.get(request.photo)?.held
    const job = this.#session(request.photo).proxy(request.longest)
    return this.#sliced(request.id, job, async () => {
      const raster = job.takeRaster()
      const { width, height } = raster
      const pixels = raster.take()
      raster.free()
      const image = new ImageData(pixels as Uint8ClampedArray<ArrayBuffer>, width, height)
      const bitmap = await createImageBitmap(image)
      this.#post({ type: 'proxy', id: request.id, bitmap }, [bitmap])
    })
  }

  async render(request: Render): Promise<Work> {
    const start = performance.now()
    const job = await this.#begin(request)
    const digest = this.#opened.get(request.photo)?.digest
    return this.#sliced(request.id, job, async () => {
      await digest
      const rendered = job.finish()
      const outputs = Array.from({ length: rendered.count }, (_, i) => ({
        name: rendered.name(i),
        type: rendered.type(i),
        bytes: rendered.bytes(i).buffer as ArrayBuffer,
      }))
      const receipt = rendered.receipt
      rendered.free()
      const took = performance.now() - start
      const answer: Answer = { type: 'rendered', id: request.id, receipt, outputs, took, memory: await this.#modules.memory() }
      this.#post(
        answer,
        outputs.map((output) => output.bytes),
      )
    })
  }

  /** Answers a request with an error, whoever threw it. */
  fail(id: number, error: unknown): void {
    // A trap leaves the instance in an unknown state: nothing of it may be used or freed again.
    if (error instanceof WebAssembly.RuntimeError) this.#broken = true
    this.#post({ type: 'error', id, error: toForm(error), broken: this.#broken })
  }

  /** A recipe's run; a JPEG's session moves to the module with every format when an output asks for it. */
  async #begin(request: Render): Promise<CropTask> {
    try {
      return await this.#render(request)
    } catch (error) {
      const opened = this.#opened.get(request.photo)
      if (!opened || !needsMore(error)) throw error
      this.#start(await this.#modules.get('full'), request.photo, opened.file)
      return this.#render(request)
    }
  }

  async #render(request: Render): Promise<CropTask> {
    await this.#opened.get(request.photo)?.held
    const digestLater = this.#opened.get(request.photo)?.digest !== undefined
    return this.#session(request.photo).render(request.recipe, digestLater)
  }

  #start(engine: Engine, photo: number, file: Blob): void {
    const session = engine.Session.fromBlob(file, this.#limits)
    this.#opened.get(photo)?.session.free()
    const opened: Opened = { file, session, held: Promise.resolve() }
    this.#opened.set(photo, opened)
    if (file.size <= READ_AT_ONCE) opened.held = this.#hold(photo, opened)
  }

  /** Reads the file once: for the session, and for the digest, which the platform computes meanwhile on another thread. */
  async #hold(photo: number, opened: Opened): Promise<void> {
    let content: ArrayBuffer
    try {
      content = await opened.file.arrayBuffer()
    } catch {
      // the session reads the file itself, and tells what is wrong with it
      return
    }
    // it may have been closed, or have moved to another session
    const current = () => this.#opened.get(photo) === opened && !this.#broken
    if (!current()) return
    opened.session.preload(new Uint8Array(content))
    // only secure pages have it
    opened.digest = globalThis.crypto?.subtle?.digest('SHA-256', content).then((digest) => {
      if (current()) opened.session.setDigest(new Uint8Array(digest))
    })
  }

  #session(photo: number): Session {
    const opened = this.#opened.get(photo)
    if (!opened) throw new Error('this photo is not open')
    return opened.session
  }

  #instant(id: number, run: () => void): Work {
    return {
      id,
      advance: () => {
        run()
        return true
      },
      progress: () => 1,
      done: () => undefined,
      failed: (error) => this.fail(id, error),
      free: () => undefined,
    }
  }

  #sliced(id: number, job: CropTask, done: () => void | Promise<void>): Work {
    return {
      id,
      advance: (rows) => job.advance(rows),
      progress: () => job.progress(),
      done,
      failed: (error) => this.fail(id, error),
      free: () => {
        if (!this.#broken) job.free()
      },
    }
  }
}

/** The small module's way to say that it lacks a format. */
const needsMore = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'module-needed'

/** Any thrown thing as plain data. */
export function toForm(error: unknown): ErrorForm {
  if (error instanceof Cancelled) {
    return { code: 'cancelled', fault: 'environment', detail: 'The run was cancelled.' }
  }
  if (error instanceof EngineMissing) return error.form
  if (error instanceof Error && error.name === 'TruecropError' && 'code' in error) {
    const { code, fault, field, expected, got } = error as Error & Omit<ErrorForm, 'detail'>
    return { code, fault, detail: error.message, field, expected, got }
  }
  const detail = 'The engine broke on this photo; it was started anew. Please report it with the photo if you can.'
  return { code: 'internal', fault: 'environment', detail, got: String(error) }
}
