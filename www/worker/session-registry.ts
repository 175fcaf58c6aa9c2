/** The open photos of one worker, each with its wasm session, and the tasks that requests start on them. */

import type {
  BootMessage,
  CloseRequest,
  Facts,
  OpenRequest,
  PlatformPixels,
  ProxyRequest,
  RenderRequest,
  SerializedError,
  SolveRequest,
  Solved,
  WarmRequest,
  WorkerResponse,
} from '../protocol.js'
import { type CropTask, type Engine, EngineUnavailable, type Session } from '../engine/load.js'
import type { Modules } from './modules.js'
import { Cancelled, type Task } from './queue.js'

/** Above this the worker asks to be replaced when a photo is closed: wasm memory grows but never shrinks. */
const REPLACE_ABOVE_BYTES = 64 * 1024 * 1024

/**
 * Files up to this size are read in one go, and their bytes are kept in memory while the photo is open: reading a `Blob`
 * piece by piece takes longer than decoding it. Larger files are read and hashed in pieces.
 */
const PRELOAD_MAX_BYTES = 32 * 1024 * 1024

type Post = (response: WorkerResponse, transfer?: Transferable[]) => void

/** A picked file and its session. */
interface OpenPhoto {
  file: Blob
  /** Where the browser has decoded it. */
  pixels?: PlatformPixels | undefined
  session: Session
  /** Settles when the session has the file's bytes, or when it is clear that it must read the file itself. */
  preloaded: Promise<void>
  /** Settles when the session has the digest that the platform computed; undefined when the session computes it. */
  digest?: Promise<void>
}

export class SessionRegistry {
  readonly #modules: Modules
  readonly #limits: string | undefined
  readonly #post: Post
  readonly #photos = new Map<number, OpenPhoto>()
  #broken = false

  constructor(boot: BootMessage | undefined, modules: Modules, post: Post) {
    this.#limits = boot?.limits
    this.#modules = modules
    this.#post = post
  }

  /** Starts the module that most photos need. */
  async warm({ id }: WarmRequest): Promise<Task> {
    await this.#modules.forFile(new Blob())
    return this.#immediateTask(id, () => this.#post({ type: 'warmed', id }))
  }

  async open(request: OpenRequest): Promise<Task> {
    let engine = await (request.pixels ? this.#modules.forPixels() : this.#modules.forFile(request.file))
    try {
      this.#openSession(engine, request.photo, request)
    } catch (error) {
      if (!isModuleNeeded(error)) throw error
      engine = await this.#modules.forOutputs(request.file)
      this.#openSession(engine, request.photo, request)
    }
    return this.#immediateTask(request.id, () => {
      const facts = JSON.parse(this.#session(request.photo).facts()) as Facts
      this.#post({ type: 'facts', id: request.id, facts })
    })
  }

  solve(request: SolveRequest): Task {
    return this.#immediateTask(request.id, () => {
      const [width, height] = request.aspect
      const json = this.#session(request.photo).solve(JSON.stringify(request.view), width, height, request.contain)
      this.#post({ type: 'solved', id: request.id, solved: JSON.parse(json) as Solved })
    })
  }

  close(request: CloseRequest): Task {
    const memory = this.#modules.memory()
    return this.#immediateTask(request.id, () => {
      this.#photos.get(request.photo)?.session.free()
      this.#photos.delete(request.photo)
      this.#post({ type: 'closed', id: request.id, shouldReplace: memory > REPLACE_ABOVE_BYTES })
    })
  }

  async proxy(request: ProxyRequest): Promise<Task> {
    await this.#photos.get(request.photo)?.preloaded
    const job = this.#session(request.photo).proxy(request.longest)
    return this.#slicedTask(request.id, job, async () => {
      const raster = job.takeRaster()
      const { width, height } = raster
      const pixels = raster.take()
      raster.free()
      const image = new ImageData(pixels as Uint8ClampedArray<ArrayBuffer>, width, height)
      const bitmap = await createImageBitmap(image)
      this.#post({ type: 'proxy', id: request.id, bitmap }, [bitmap])
    })
  }

  async render(request: RenderRequest): Promise<Task> {
    const start = performance.now()
    const job = await this.#startRender(request)
    const digest = this.#photos.get(request.photo)?.digest
    return this.#slicedTask(request.id, job, async () => {
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
      const response: WorkerResponse = {
        type: 'rendered',
        id: request.id,
        receipt,
        outputs,
        took,
        memory: this.#modules.memory(),
      }
      this.#post(
        response,
        outputs.map((output) => output.bytes),
      )
    })
  }

  /** Responds to a request with an error, whatever threw it. */
  fail(id: number, error: unknown): void {
    // A trap leaves the wasm instance in an unknown state: it must not be used again, not even to free something.
    if (error instanceof WebAssembly.RuntimeError) this.#broken = true
    this.#post({ type: 'error', id, error: serializeError(error), broken: this.#broken })
  }

  /** Starts a render. When an output needs another format than JPEG, the photo is opened again in the full module. */
  async #startRender(request: RenderRequest): Promise<CropTask> {
    try {
      return await this.#createRenderJob(request)
    } catch (error) {
      const open = this.#photos.get(request.photo)
      if (!open || !isModuleNeeded(error)) throw error
      this.#openSession(await this.#modules.forOutputs(open.file, open.pixels !== undefined), request.photo, open)
      return this.#createRenderJob(request)
    }
  }

  async #createRenderJob(request: RenderRequest): Promise<CropTask> {
    await this.#photos.get(request.photo)?.preloaded
    const digestLater = this.#photos.get(request.photo)?.digest !== undefined
    return this.#session(request.photo).render(request.recipe, digestLater)
  }

  #openSession(engine: Engine, photo: number, { file, pixels }: Pick<OpenRequest, 'file' | 'pixels'>): void {
    const { Session } = engine
    const session = pixels
      ? Session.fromPixels(file, pixels.bytes, pixels.format, pixels.width, pixels.height, pixels.alpha, this.#limits)
      : Session.fromBlob(file, this.#limits)
    this.#photos.get(photo)?.session.free()
    const open: OpenPhoto = { file, pixels, session, preloaded: Promise.resolve() }
    this.#photos.set(photo, open)
    if (file.size <= PRELOAD_MAX_BYTES) open.preloaded = this.#preload(photo, open)
  }

  /** Reads the file once, for the session and for the digest, which the platform computes on another thread. */
  async #preload(photo: number, open: OpenPhoto): Promise<void> {
    let content: ArrayBuffer
    try {
      content = await open.file.arrayBuffer()
    } catch {
      // The session will read the file itself and report what is wrong with it.
      return
    }
    // Meanwhile the photo may have been closed, or opened again in another session.
    const isCurrent = () => this.#photos.get(photo) === open && !this.#broken
    if (!isCurrent()) return
    open.session.preload(new Uint8Array(content))
    // `crypto.subtle` exists on secure pages only.
    open.digest = globalThis.crypto?.subtle?.digest('SHA-256', content).then((digest) => {
      if (isCurrent()) open.session.setDigest(new Uint8Array(digest))
    })
  }

  #session(photo: number): Session {
    const open = this.#photos.get(photo)
    if (!open) throw new Error('this photo is not open')
    return open.session
  }

  #immediateTask(id: number, run: () => void): Task {
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

  #slicedTask(id: number, job: CropTask, done: () => void | Promise<void>): Task {
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

/** Whether a small module refused because it lacks a format. */
const isModuleNeeded = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'module-needed'

/** Whatever was thrown, as plain data for the page. */
function serializeError(error: unknown): SerializedError {
  if (error instanceof Cancelled) {
    return { code: 'cancelled', fault: 'environment', detail: 'The request was cancelled.' }
  }
  if (error instanceof EngineUnavailable) return error.serialized
  if (error instanceof Error && error.name === 'TruecropError' && 'code' in error) {
    const { code, fault, field, expected, got } = error as Error & Omit<SerializedError, 'detail'>
    return { code, fault, detail: error.message, field, expected, got }
  }
  const detail = 'The engine broke on this photo and was restarted. Please report it, with the photo if you can.'
  return { code: 'internal', fault: 'environment', detail, got: String(error) }
}
