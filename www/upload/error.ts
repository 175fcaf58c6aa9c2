/** Refusals of the server, and failures on the way to it, as one error. */

import { TruecropError } from '../client/error.js'
import type { Fault } from '../protocol.js'

/** A problem of RFC 9457, as the server sends it. `status` is 0 where no answer came. */
export interface ProblemBody {
  status: number
  code: string
  detail: string
  picture?: string
  field?: string
  expected?: unknown
  got?: unknown
}

/** `code` is stable: the server's (docs/SERVER.md), `unreachable`, or `refused-by-store`. */
export class UploadError extends TruecropError {
  /** The status of the answer; 0 without one. */
  readonly status: number
  /** The name of the picture that was refused, where the server says it. */
  readonly picture: string | undefined

  constructor(problem: ProblemBody) {
    super({ ...problem, fault: faultOf(problem.status) })
    this.name = 'UploadError'
    this.status = problem.status
    this.picture = problem.picture
  }
}

function faultOf(status: number): Fault {
  if (status === 0 || status >= 500 || status === 408 || status === 429) return 'environment'
  if (status === 413) return 'limit'
  return status === 422 || status === 415 ? 'input' : 'caller'
}
