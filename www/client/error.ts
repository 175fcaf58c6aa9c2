/** The one error type of the page's side: the core's members, on an `Error`. */

import type { ErrorForm, Fault } from '../protocol.js'

export class TruecropError extends Error {
  /** Stable, in kebab case: programs may match on it. */
  readonly code: string
  readonly fault: Fault
  readonly field: string | undefined
  readonly expected: unknown
  readonly got: unknown

  constructor(form: ErrorForm) {
    super(form.detail)
    this.name = 'TruecropError'
    this.code = form.code
    this.fault = form.fault
    this.field = form.field
    this.expected = form.expected
    this.got = form.got
  }
}

/** A caller's mistake that is seen on this side of the worker. */
export function invalidOption(detail: string, field: string, expected?: unknown, got?: unknown): TruecropError {
  return new TruecropError({ code: 'invalid-option', fault: 'caller', detail, field, expected, got })
}
