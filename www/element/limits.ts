/** What the server takes, as `GET /v1/limits` says: told before a file is opened, not when it is refused. Loaded when a page asks for it. */

import type { TruecropError } from '../client/error.js'
import type { Facts } from '../protocol.js'

interface Limits {
  source_bytes?: number
  source_pixels?: number
  source_side?: number
}

/** What was asked for already: once for each address. */
const known = new Map<string, Promise<Limits>>()

/** The limits at an address. None where there is no answer: the server will still check. */
function load(address: string): Promise<Limits> {
  const loading =
    known.get(address) ??
    fetch(address)
      .then(async (response) => (response.ok ? ((await response.json()) as { limits?: Limits }).limits : undefined) ?? {})
      .catch(() => {
        // Not an answer: the next file asks again.
        known.delete(address)
        return {}
      })
  known.set(address, loading)
  return loading
}

export interface LimitsOf {
  /** @throws TruecropError with the code `source-too-large`. */
  checkFile(file: Blob): void
  /** @throws TruecropError with the code `too-many-pixels`. */
  checkFacts(facts: Facts): void
}

/** The checks by the limits at an address; the fields and figures are those of the server's own refusals. */
export async function limitsOf(address: string, Refusal: typeof TruecropError): Promise<LimitsOf> {
  const limits = await load(address)
  const atMost = (code: string, field: string, expected: number | undefined, got: number): void => {
    if (expected === undefined || got <= expected) return
    throw new Refusal({
      code,
      fault: 'limit',
      detail: 'The server takes no such file: pick a smaller one.',
      field,
      expected,
      got,
    })
  }
  return {
    checkFile: ({ size }) => atMost('source-too-large', 'source.bytes', limits.source_bytes, size),
    checkFacts: ({ width, height }) => {
      atMost('too-many-pixels', 'source.width', limits.source_side, width)
      atMost('too-many-pixels', 'source.height', limits.source_side, height)
      atMost('too-many-pixels', 'source', limits.source_pixels, width * height)
    },
  }
}
