/** Refusals as RFC 9457 problems, as the native server answers them. */

import { type PlainError, fromPlain, toPlain } from './error.js'
import { TruecropError } from '../client/error.js'

/** An HTTP answer. */
export interface Problem {
  status: number
  headers: { 'content-type': 'application/problem+json'; 'cache-control': 'no-store' }
  /** JSON: `{type, title, status, code, detail, picture?, field?, expected?, got?}`. */
  body: string
}

const STATUSES: Record<number, string> = {
  413: 'source-too-large too-many-bytes too-many-pixels output-too-large max-bytes-unreachable too-many-scans too-many-items memory-over-budget too-many-pictures too-many-fields',
  415: 'unsupported-format',
  422: 'geometry-mismatch receipt-digest-mismatch digest-mismatch source-mismatch output-mismatch not-canonical outputs-mismatch source-required pixels-mismatch not-reproducible policy-violation',
}

const ofCode = new Map(
  Object.entries(STATUSES).flatMap(([status, codes]) => codes.split(' ').map((code) => [code, Number(status)])),
)

/** By the native server's rule: the application's own mistakes and the machine's are the server's fault, not the client's. */
function statusOf({ code, fault }: PlainError): number {
  return ofCode.get(code) ?? (fault === 'environment' || code === 'invalid-option' ? 500 : 400)
}

/**
 * The answer to a request whose upload was refused: for any framework.
 *
 * What is no error of this package (your own code's, say), and what is a fault of the server, is answered with 500 and without details: log
 * the error yourself.
 */
export function toProblem(error: unknown): Problem {
  const plain = isTruecropError(error) ? toPlain(fromPlain(members(error))) : toPlain(undefined)
  const status = statusOf(plain)
  const { code, detail, picture, field, expected, got } = plain
  const told =
    status >= 500
      ? { detail: 'The server failed; its log has the details. Try again later.' }
      : { detail, picture, field, expected, got }
  const title = code.replaceAll('-', ' ')
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify({ type: `urn:truecrop:problem:${code}`, title, status, code, ...told }),
  }
}

/** {@link toProblem} as a `Response`: for Next, Hono, Deno, Bun and workers. */
export function problemResponse(error: unknown): Response {
  const { status, headers, body } = toProblem(error)
  return new Response(body, { status, headers })
}

/** By its members, because the error may come from another copy of this package. */
function isTruecropError(error: unknown): error is TruecropError & { picture?: string } {
  return error instanceof Error && error.name === 'TruecropError' && 'code' in error && 'fault' in error
}

function members(error: TruecropError & { picture?: string }): PlainError {
  const { code, fault, message, field, expected, got, picture } = error
  return { code, fault, detail: message, ...(field !== undefined && { field }), expected, got, picture }
}
