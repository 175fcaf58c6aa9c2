/** The one error type on the page's side: an `Error` with the members of the core's errors. */

import type { Fault, SerializedError } from '../protocol.js'

export class TruecropError extends Error {
  /** Stable, in kebab case: programs may depend on it. */
  readonly code: string
  readonly fault: Fault
  readonly field: string | undefined
  readonly expected: unknown
  readonly got: unknown

  constructor(error: SerializedError) {
    super(error.detail)
    this.name = 'TruecropError'
    this.code = error.code
    this.fault = error.fault
    this.field = error.field
    this.expected = error.expected
    this.got = error.got
  }
}

/** A mistake of the caller that is found on the page's side. */
export function invalidOption(detail: string, field: string, expected?: unknown, got?: unknown): TruecropError {
  return new TruecropError({ code: 'invalid-option', fault: 'caller', detail, field, expected, got })
}
