/** An upload's picture, checked on the caller's thread by the functions of the native server: `truecrop/core/all`. */

import { TruecropError } from '../client/error.js'
import { type Bytes, guard, owned, toBytes, toJson } from './check.js'
import type { Level } from '../policy.js'
import type { CoreGlue, GlueChecked, GlueSubmission } from '../engine/glue.js'

/** A picture that was sent, before it is checked. Free it, or verify it, to release its memory. */
export interface Submission {
  /** The names of the outputs that the client sends; none for a recipe. */
  names(): string[]
  /** Adds the bytes of an output, by its name in the receipt. They are copied. */
  addOutput(name: string, bytes: Bytes): void
  /** Adds the source. It is not copied, and must not change before `verify` has ended. */
  setSource(bytes: Bytes): void
  /** Checks the picture, or makes it of its recipe. Uses the submission up. */
  verify(level?: Level, policy?: object | string): Checked
  free(): void
}

/** A picture that holds. Free it to release its memory. */
export interface Checked {
  /** What was proved; JSON. */
  verdict(): string
  /** Canonical JSON. */
  receipt(): string
  /** An output's bytes, in the receipt's order. */
  bytes(index: number): Uint8Array<ArrayBuffer>
  free(): void
}

export interface Submissions {
  /** Reads a receipt, as it was sent. */
  ofReceipt(json: Bytes | string, limits?: Record<string, number> | string): Submission
  /** Reads a recipe, of a client that cannot make pixels. */
  ofRecipe(json: Bytes | string, limits?: Record<string, number> | string): Submission
}

export function submissionsOf(engine: () => CoreGlue): Submissions {
  const open = (way: 'ofReceipt' | 'ofRecipe', json: Bytes | string, limits: unknown): Submission => {
    const { Submission } = engine()
    if (!Submission) {
      const detail = "Only the module with all formats checks uploads: import it from 'truecrop/core/all'."
      throw new TruecropError({ code: 'module-needed', fault: 'caller', detail })
    }
    const text = typeof json === 'string' ? new TextEncoder().encode(json) : toBytes(json, 'json')
    const bounds = limits === undefined || limits === null ? undefined : toJson(limits, 'limits')
    return opened(guard(() => Submission[way](text, bounds)))
  }
  return {
    ofReceipt: (json, limits) => open('ofReceipt', json, limits),
    ofRecipe: (json, limits) => open('ofRecipe', json, limits),
  }
}

function opened(begun: GlueSubmission): Submission {
  const { get, take, free } = owned(begun, 'submission')
  return {
    names: () => JSON.parse(guard(() => get().names())) as string[],
    addOutput: (name, bytes) => guard(() => get().addOutput(String(name), toBytes(bytes, 'output'))),
    setSource: (bytes) => guard(() => get().setSource(toBytes(bytes, 'source'))),
    verify(level = 'result', policy) {
      const rules = policy === undefined || policy === null ? undefined : toJson(policy, 'policy')
      return checked(guard(() => take().verify(level, rules)))
    },
    free,
  }
}

function checked(holds: GlueChecked): Checked {
  const { get, free } = owned(holds, 'picture')
  return {
    verdict: () => guard(() => get().verdict()),
    receipt: () => guard(() => get().receipt()),
    bytes: (index) => guard(() => get().bytes(index)),
    free,
  }
}
