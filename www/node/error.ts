/** Errors of `truecrop/node`: as plain data between threads, and as what callers catch. */

import { TruecropError } from '../client/error.js'
import type { SerializedError } from '../protocol.js'

/** A part of a form that is refused. */
export class RefusedUpload extends TruecropError {
  /** The name of the picture that is refused, where a form may hold several. */
  readonly picture: string | undefined

  constructor(error: SerializedError, picture?: string) {
    super(error)
    this.picture = picture
  }
}

export interface PlainError extends SerializedError {
  picture?: string | undefined
}

/** What was thrown, for another thread. What is no error of the engine is a fault of this package. */
export function toPlain(error: unknown): PlainError {
  if (!(error instanceof TruecropError)) {
    return { code: 'internal', fault: 'environment', detail: `Something broke here, please report it: ${String(error)}` }
  }
  const { code, fault, message, field, expected, got } = error
  const picture = error instanceof RefusedUpload ? error.picture : undefined
  return { code, fault, detail: message, ...(field !== undefined && { field }), expected, got, picture }
}

export function fromPlain({ picture, ...error }: PlainError): TruecropError {
  return picture === undefined ? new TruecropError(error) : new RefusedUpload(error, picture)
}

/** The same error, of the picture of this name. */
export function ofPicture(error: unknown, picture: string): unknown {
  return error instanceof TruecropError ? new RefusedUpload(toPlain(error), picture) : error
}

export function tooLong(field: string, most: number, detail: string, code = 'too-many-bytes'): TruecropError {
  return new TruecropError({ code, fault: 'limit', detail, field, expected: most, got: `more than ${most}` })
}
