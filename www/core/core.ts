/**
 * The engine without a worker, for Node and for workers of your own: `truecrop/core`.
 *
 * ```ts
 * await init()
 * const session = Session.fromBytes(await readFile('photo.jpg'))
 * const { crop } = JSON.parse(session.solve({ zoom: 1, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' }, 1, 1))
 * const task = session.render({ truecrop: 1, crop, outputs: [{ name: 'main', width: 512, height: 512, format: 'jpeg' }] })
 * while (!task.advance(64));
 * const rendered = task.finish()
 * await writeFile('out.jpg', rendered.bytes(0))
 * ```
 */

import { TruecropError, invalidOption } from '../client/error.js'
import type { ModuleKind, Recipe, View } from '../protocol.js'
import { type Bytes, guard, owned, toBytes, toJson, toWhole } from './check.js'
import type { CoreGlue, GlueSession, GlueTask, Raster, Rendered } from '../engine/glue.js'
import { type InitInput, start, startSync } from './start.js'
import { type Submissions, submissionsOf } from './submission.js'

export { TruecropError } from '../client/error.js'
export type { Bytes } from './check.js'
export type { Raster, Rendered } from '../engine/glue.js'
export type { InitInput } from './start.js'
export type { Level } from '../policy.js'
export type { Checked, Submission } from './submission.js'

type Memory = { memory: WebAssembly.Memory }

/** A picture in the making. Free it to release its memory. */
export interface CropTask {
  /** Works on about this many rows; true when all is done. */
  advance(rows?: number): boolean
  /** 0 to 1. */
  progress(): number
  /** The pixels of a {@link Session.proxy}. */
  takeRaster(): Raster
  /** The outputs of a {@link Session.render}, when `advance` has given true. */
  finish(): Rendered
  free(): void
}

/** A probed file, and what can be made of it. Free it to release its memory. */
export interface Session {
  /** What the file's headers say, as JSON. */
  facts(): string
  /** Brings a view within its bounds and computes its crop; JSON of `{view, crop, zoom}`. */
  solve(view: View | string, aspectWidth: number, aspectHeight: number, contain?: boolean): string
  /** What a recipe will need, as JSON. */
  plan(recipe: Recipe | string): string
  /** The whole picture for the screen, with this longest side. */
  proxy(longest: number): CropTask
  /** A recipe's outputs with their receipt. With `digestLater`, call `setDigest` before the task is finished. */
  render(recipe: Recipe | string, digestLater?: boolean): CropTask
  /** Gives the file's whole content, for a session that was made from a blob. */
  preload(bytes: Bytes): void
  /** Gives the file's SHA-256, so that it is not computed again. */
  setDigest(sha256: Bytes): void
  free(): void
}

export interface Core {
  /** Loads and starts the engine; by default from the package's own file. */
  init(input?: InitInput | Promise<InitInput> | { module_or_path: InitInput | Promise<InitInput> }): Promise<Memory>
  /** Starts the engine from the bytes of its file, or from a compiled module. */
  initSync(input: Bytes | WebAssembly.Module | { module: Bytes | WebAssembly.Module }): Memory
  Session: {
    /** Opens and probes a file's bytes. They are not copied, and must not change before the session is freed. */
    fromBytes(bytes: Bytes, limits?: Record<string, number> | string): Session
    /** Opens and probes a `Blob`, in workers only. Only its headers are read now. */
    fromBlob(blob: Blob, limits?: Record<string, number> | string): Session
  }
  /** A picture of an upload, to be checked: in `truecrop/core/all` only. */
  Submission: Submissions
  engineVersion(): string
  /** The version of the pixel contract. */
  pixelsVersion(): number
  /** {@link Session.solve} for a source of this oriented size. */
  solveView(
    width: number,
    height: number,
    view: View | string,
    aspectWidth: number,
    aspectHeight: number,
    contain?: boolean,
  ): string
  /** Another cropper's data as `{crop, rotate, flip}`; JSON. */
  convertFrom(kind: string, data: object | string, width: number, height: number): string
  /** `{crop, rotate, flip}` as another cropper's data; JSON. */
  convertTo(kind: string, placement: object | string, width: number, height: number): string
}

/** The functions of a module. `beside` is the address of its file in the package. */
export function createCore(glue: CoreGlue, kind: ModuleKind, beside: () => URL): Core {
  let started: Promise<Memory> | undefined
  let isStarted = false
  const engine = (): CoreGlue => {
    if (isStarted) return glue
    const detail = 'The engine is not started. Call `await init()` once, before anything else.'
    throw new TruecropError({ code: 'engine-not-started', fault: 'caller', detail, field: 'init' })
  }
  return {
    init(input) {
      started ??= start(glue, kind, input, beside).then((memory) => {
        isStarted = true
        return memory
      })
      // What failed may work the next time.
      started.catch(() => (started = undefined))
      return started
    },
    initSync(input) {
      const memory = startSync(glue, input)
      isStarted = true
      return memory
    },
    Session: sessionsOf(engine),
    Submission: submissionsOf(engine),
    engineVersion: () => engine().engineVersion(),
    pixelsVersion: () => engine().pixelsVersion(),
    solveView(width, height, view, aspectWidth, aspectHeight, contain = false) {
      const size = [toWhole(width, 'width'), toWhole(height, 'height')] as const
      const aspect = [toWhole(aspectWidth, 'aspectWidth'), toWhole(aspectHeight, 'aspectHeight')] as const
      const json = toJson(view, 'view')
      return guard(() => engine().solveView(...size, json, ...aspect, Boolean(contain)))
    },
    convertFrom: (from, data, width, height) => convert(engine().convertFrom, from, data, width, height),
    convertTo: (to, placement, width, height) => convert(engine().convertTo, to, placement, width, height),
  }
}

function convert(call: CoreGlue['convertFrom'], kind: string, data: unknown, width: number, height: number): string {
  if (!call) {
    const detail = "The small module converts no data of other croppers: import it from 'truecrop/core'."
    throw new TruecropError({ code: 'module-needed', fault: 'caller', detail })
  }
  const json = toJson(data, 'data')
  return guard(() => call(String(kind), json, toWhole(width, 'width'), toWhole(height, 'height')))
}

function sessionsOf(engine: () => CoreGlue): Core['Session'] {
  const limitsOf = (limits: unknown): string | undefined =>
    limits === undefined || limits === null ? undefined : toJson(limits, 'limits')
  return {
    fromBytes(bytes, limits) {
      const { Session } = engine()
      const [content, json] = [toBytes(bytes, 'source'), limitsOf(limits)]
      return openSession(guard(() => Session.fromBytes(content, json)))
    },
    fromBlob(blob, limits) {
      const { Session } = engine()
      if (typeof Blob === 'undefined' || !(blob instanceof Blob)) {
        throw invalidOption('fromBlob takes a Blob or a File. For bytes there is fromBytes.', 'source', 'Blob')
      }
      if (!('FileReaderSync' in globalThis)) {
        const detail =
          'fromBlob works in web workers only. Here, use Session.fromBytes(new Uint8Array(await blob.arrayBuffer())).'
        throw invalidOption(detail, 'source')
      }
      const json = limitsOf(limits)
      return openSession(guard(() => Session.fromBlob(blob, json)))
    },
  }
}

function openSession(opened: GlueSession): Session {
  const { get, free } = owned(opened, 'session')
  return {
    facts: () => guard(() => get().facts()),
    solve(view, aspectWidth, aspectHeight, contain = false) {
      const json = toJson(view, 'view')
      const aspect = [toWhole(aspectWidth, 'aspectWidth'), toWhole(aspectHeight, 'aspectHeight')] as const
      return guard(() => get().solve(json, ...aspect, Boolean(contain)))
    },
    plan(recipe) {
      const json = toJson(recipe, 'recipe')
      return guard(() => get().plan(json))
    },
    proxy: (longest) => openTask(guard(() => get().proxy(toWhole(longest, 'longest')))),
    render(recipe, digestLater = false) {
      const json = toJson(recipe, 'recipe')
      return openTask(guard(() => get().render(json, Boolean(digestLater))))
    },
    preload: (bytes) => guard(() => get().preload(toBytes(bytes, 'source'))),
    setDigest: (sha256) => guard(() => get().setDigest(toBytes(sha256, 'digest'))),
    free,
  }
}

function openTask(begun: GlueTask): CropTask {
  const { get, free } = owned(begun, 'task')
  return {
    advance: (rows = 64) => guard(() => get().advance(toWhole(rows, 'rows'))),
    progress: () => guard(() => get().progress()),
    takeRaster: () => guard(() => get().takeRaster()),
    finish: () => guard(() => get().finish()),
    free,
  }
}
