/** What is done where the engine is: on a thread, or on the caller's own. Takes and gives what can be sent between threads. */

import { TruecropError } from '../client/error.js'
import type { Core, CropTask, Session } from '../core/core.js'
import type { Submission } from '../core/submission.js'
import type { Recipe, Solved } from '../protocol.js'
import { ofPicture, tooLong } from './error.js'
import { type First, Names } from './form.js'
import { type Loaded, mostSourceBytes, read, sourceTooLarge } from './source.js'
import type { Level, Policy } from '../policy.js'
import type { Facts, Limits, Verdict, Wanted } from './types.js'

type Bytes = Uint8Array<ArrayBuffer>

interface Bounded {
  limits?: Limits | undefined
}

/** The rules that an upload is checked by. */
export interface Rules extends Bounded {
  level: Level
  policy?: Policy | undefined
}

export interface FormRules extends Rules {
  pictures: number
  bodyBytes: number
  fieldBytes: number
  fieldsBytes: number
}

/** A part of a form. */
export interface Entry {
  name: string
  /** Media type. */
  type: string
  bytes: Bytes
}

export interface Jobs {
  probe: { job: Bounded & { source: Loaded }; result: Facts }
  crop: { job: Bounded & { source: Loaded; wanted: Wanted | Recipe }; result: Made }
  make: { job: Rules & { source: Loaded; recipe: Bytes }; result: Made & { verdict: Verdict } }
  verify: { job: Rules & { receipt: Bytes; outputs: [string, Bytes][]; source: Loaded | undefined }; result: Verdict }
  receive: { job: FormRules & { entries: Entry[] }; result: Received[] }
}

export type JobName = keyof Jobs

/** Outputs in the receipt's order. */
export interface Made {
  /** Canonical JSON. */
  receipt: string
  outputs: Bytes[]
}

/** A picture of a form that holds. */
export interface Received extends Made {
  name: string
  verdict: Verdict
  kind: First
  /** The place of its source among the form's entries. */
  source: number | undefined
}

/** Lets other work go on, where the engine shares its thread; throws when the work is no longer wanted. */
export type Pause = () => Promise<void>

export type Engine = Pick<Core, 'Session' | 'Submission'>

/** @throws TruecropError */
export function runJob<Name extends JobName>(
  engine: Engine,
  name: Name,
  job: Jobs[Name]['job'],
  pause?: Pause,
): Promise<Jobs[Name]['result']> {
  return new Runner(engine, pause)[name](job as never) as Promise<Jobs[Name]['result']>
}

class Runner implements Record<JobName, (job: never) => Promise<unknown>> {
  constructor(
    readonly engine: Engine,
    readonly pause: Pause | undefined,
  ) {}

  async probe({ source, limits }: Jobs['probe']['job']): Promise<Facts> {
    return this.#withSession(source, limits, (session) => JSON.parse(session.facts()) as Facts)
  }

  async crop({ source, limits, wanted }: Jobs['crop']['job']): Promise<Made> {
    return this.#withSession(source, limits, async (session) => {
      const task = session.render('truecrop' in wanted ? wanted : recipeFor(session, wanted))
      try {
        return await this.#finished(task)
      } finally {
        task.free()
      }
    })
  }

  async make({ source, recipe, limits, ...rules }: Jobs['make']['job']): Promise<Made & { verdict: Verdict }> {
    const submission = this.engine.Submission.ofRecipe(recipe, limits)
    return this.#checked(submission, rules, await read(source, mostSourceBytes(limits)))
  }

  async verify({ receipt, outputs, source, limits, ...rules }: Jobs['verify']['job']): Promise<Verdict> {
    const submission = this.engine.Submission.ofReceipt(receipt, limits)
    for (const [name, bytes] of outputs) submission.addOutput(name, bytes)
    const bytes = source && (await read(source, mostSourceBytes(limits)))
    return this.#checked(submission, rules, bytes).verdict
  }

  async receive(job: Jobs['receive']['job']): Promise<Received[]> {
    const pictures = this.#sorted(job)
    const received: Received[] = []
    for (const { name, kind, submission, source } of pictures) {
      await this.pause?.()
      try {
        const bytes = source === undefined ? undefined : job.entries[source]?.bytes
        received.push({ name, kind, source, ...this.#checked(submission, job, bytes) })
      } catch (error) {
        for (const { submission } of pictures) submission.free()
        throw ofPicture(error, name)
      }
    }
    return received
  }

  async #withSession<T>(source: Loaded, limits: Limits | undefined, work: (session: Session) => T | Promise<T>): Promise<T> {
    const session = this.engine.Session.fromBytes(await read(source, mostSourceBytes(limits)), limits)
    try {
      return await work(session)
    } finally {
      session.free()
    }
  }

  async #finished(task: CropTask): Promise<Made> {
    while (!task.advance()) await this.pause?.()
    const rendered = task.finish()
    try {
      const outputs = Array.from({ length: rendered.count }, (_, index) => rendered.bytes(index))
      return { receipt: rendered.receipt, outputs }
    } finally {
      rendered.free()
    }
  }

  /** Uses the submission up. */
  #checked(submission: Submission, { level, policy }: Rules, source: Bytes | undefined): Made & { verdict: Verdict } {
    if (source) submission.setSource(source)
    const checked = submission.verify(level, policy)
    try {
      const verdict = JSON.parse(checked.verdict()) as Verdict
      return { verdict, receipt: checked.receipt(), outputs: verdict.outputs.map((_, index) => checked.bytes(index)) }
    } finally {
      checked.free()
    }
  }

  /** The form's pictures with their parts: what the native server does while it reads a form. */
  #sorted({ entries, limits, ...rules }: Jobs['receive']['job']): Begun[] {
    const names = new Names()
    const pictures: Begun[] = []
    const mostJson = limits?.['json_bytes'] ?? JSON_BYTES
    let [bytesLeft, fieldsLeft] = [rules.bodyBytes, rules.fieldsBytes]
    try {
      for (const [index, { name: part, type, bytes }] of entries.entries()) {
        const found = names.part(part, type.startsWith('image/'))
        if (found.is === 'first') {
          names.checkRoom(Math.min(rules.pictures, rules.policy?.maxPictures ?? Infinity))
          checkLength(bytes, part, mostJson)
          const submission = this.#claimed(found.picture, found.kind, bytes, limits)
          pictures.push({ name: found.picture, kind: found.kind, submission, source: undefined })
          names.open(found.picture, submission.names())
        } else if (found.is === 'output') {
          checkLength(bytes, part, bytesLeft)
          bytesLeft -= bytes.length
          pictures[found.picture]?.submission.addOutput(found.output, bytes)
        } else if (found.is === 'source') {
          const most = Math.min(mostSourceBytes(limits), rules.policy?.maxSourceBytes ?? Infinity)
          if (bytes.length > most) throw sourceTooLarge(most)
          const picture = pictures[found.picture]
          if (picture) picture.source = index
        } else {
          const detail = 'This field belongs to no picture, and is longer than a field may be beside pictures.'
          checkLength(bytes, part, Math.min(rules.fieldBytes, fieldsLeft), detail)
          fieldsLeft -= bytes.length
        }
      }
      checkWhole(pictures)
      return pictures
    } catch (error) {
      for (const { submission } of pictures) submission.free()
      throw error
    }
  }

  #claimed(picture: string, kind: First, json: Bytes, limits: Limits | undefined): Submission {
    const { Submission } = this.engine
    try {
      return kind === 'receipt' ? Submission.ofReceipt(json, limits) : Submission.ofRecipe(json, limits)
    } catch (error) {
      throw ofPicture(error, picture)
    }
  }
}

/** The engine's own bound of a receipt or recipe (crates/truecrop-core/src/limits.rs). */
const JSON_BYTES = 64 * 1024

interface Begun {
  name: string
  kind: First
  submission: Submission
  source: number | undefined
}

function checkLength(bytes: Bytes, part: string, most: number, detail = 'This part is longer than allowed.'): void {
  if (bytes.length > most) throw tooLong(part, most, detail)
}

/** Whether there is a picture, and whether those that are to be made have something to be made of. */
function checkWhole(pictures: readonly Begun[]): void {
  if (pictures.length === 0) {
    const detail = 'The form has no picture: send NAME.receipt before the outputs of NAME, such as main.receipt and main.'
    throw new TruecropError({ code: 'invalid-receipt', fault: 'input', detail, field: 'main.receipt' })
  }
  const without = pictures.find(({ kind, source }) => kind === 'recipe' && source === undefined)
  if (without) {
    const detail = 'A recipe alone makes no picture: send the source as well.'
    throw new TruecropError({ code: 'source-required', fault: 'input', detail, field: `${without.name}.source` })
  }
}

/** The recipe of a picture that was asked for by its view. */
function recipeFor(session: Session, wanted: Wanted): Recipe {
  const {
    width,
    height,
    mask,
    // A JPEG has no mask.
    format = mask ? 'png' : 'jpeg',
    quality,
    maxBytes,
    hdr,
    zoom = 1,
    center = { x: 0.5, y: 0.5 },
    rotate = 0,
    flip = 'none',
  } = wanted
  const view = { zoom, center, rotate, flip }
  const solved = JSON.parse(session.solve(view, width, height, wanted.background !== undefined)) as Solved
  const { background, filter, light } = wanted
  return {
    truecrop: 1,
    crop: solved.crop,
    rotate: solved.view.rotate,
    flip,
    ...(background !== undefined && { background }),
    ...(filter !== undefined && { filter }),
    ...(light !== undefined && { light }),
    outputs: [
      {
        name: 'main',
        width,
        height,
        format,
        ...(quality !== undefined && { quality }),
        ...(maxBytes !== undefined && { maxBytes }),
        ...(hdr !== undefined && { hdr }),
        ...(mask !== undefined && { mask }),
      },
    ],
  }
}

/** The memory behind bytes that are sent to another thread, so that they are moved and not copied. */
export function buffersOf(value: unknown, found: ArrayBuffer[] = []): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer && !found.includes(value.buffer)) found.push(value.buffer)
  } else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) buffersOf(member, found)
  }
  return found
}
