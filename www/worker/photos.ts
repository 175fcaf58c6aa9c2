/** The sessions of one worker, and the work that requests ask of them. */

import type { Answer, Boot, Close, ErrorForm, Facts, Open, Render, Solve, Solved, WantProxy } from '../protocol.js'
import { type Engine, EngineMissing, type Job, type Session } from './engine.js'
import { Cancelled, type Work } from './queue.js'

/** Above this the memory is given back by replacing the worker: wasm memory grows but never shrinks. */
const SPENT_BYTES = 64 * 1024 * 1024

type Post = (answer: Answer, transfer?: Transferable[]) => void

export class Photos {
  readonly #load: () => Promise<Engine>
  readonly #limits: string | undefined
  readonly #post: Post
  readonly #sessions = new Map<number, Session>()
  #engine: Promise<Engine> | undefined
  #broken = false

  /** `load` is called at the first photo, not before. */
  constructor(boot: Boot | undefined, load: () => Promise<Engine>, post: Post) {
    this.#limits = boot?.limits
    this.#load = load
    this.#post = post
  }

  async open(request: Open): Promise<Work> {
    const engine = await this.#ready()
    return this.#instant(request.id, () => {
      this.#sessions.get(request.photo)?.free()
      const session = engine.Session.fromBlob(request.file, this.#limits)
      this.#sessions.set(request.photo, session)
      this.#post({ type: 'facts', id: request.id, facts: JSON.parse(session.facts()) as Facts })
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
    const memory = this.#engine ? (await this.#engine).memory() : 0
    return this.#instant(request.id, () => {
      this.#sessions.get(request.photo)?.free()
      this.#sessions.delete(request.photo)
      this.#post({ type: 'closed', id: request.id, spent: memory > SPENT_BYTES })
    })
  }

  proxy(request: WantProxy): Work {
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
    const engine = await this.#ready()
    const start = performance.now()
    const job = this.#session(request.photo).render(request.recipe)
    return this.#sliced(request.id, job, () => {
      const rendered = job.finish()
      const outputs = Array.from({ length: rendered.count }, (_, i) => ({
        name: rendered.name(i),
        type: rendered.type(i),
        bytes: rendered.bytes(i).buffer as ArrayBuffer,
      }))
      const receipt = rendered.receipt
      rendered.free()
      const took = performance.now() - start
      const answer: Answer = { type: 'rendered', id: request.id, receipt, outputs, took, memory: engine.memory() }
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

  #ready(): Promise<Engine> {
    this.#engine ??= this.#load()
    return this.#engine
  }

  #session(photo: number): Session {
    const session = this.#sessions.get(photo)
    if (!session) throw new Error('this photo is not open')
    return session
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

  #sliced(id: number, job: Job, done: () => void | Promise<void>): Work {
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
