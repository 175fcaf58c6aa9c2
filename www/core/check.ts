/** What callers pass, checked before it reaches wasm: there a wrong type would be a trap, or silently something else. */

import { TruecropError, invalidOption } from '../client/error.js'

/** Bytes in any form: a `Uint8Array`, a Node `Buffer`, an `ArrayBuffer`, a view of one. */
export type Bytes = ArrayBufferLike | ArrayBufferView

/** What a value is, in the words of the error messages. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value !== 'object') return value === undefined ? 'nothing' : `a ${typeof value}`
  const name = value.constructor?.name ?? 'Object'
  return name === 'Object' ? 'an object' : /^[AEIOU]/.test(name) ? `an ${name}` : `a ${name}`
}

/** A file's bytes, in any of JavaScript's forms, as a `Uint8Array` on the same memory. */
export function toBytes(value: unknown, field: string): Uint8Array<ArrayBuffer> {
  if (value instanceof Uint8Array) return value as Uint8Array<ArrayBuffer>
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength)
  if (value instanceof ArrayBuffer || (globalThis.SharedArrayBuffer && value instanceof SharedArrayBuffer)) {
    return new Uint8Array(value as ArrayBuffer)
  }
  const advice =
    typeof value === 'string'
      ? 'A path or an address is not read here: read the file first, for example by readFileSync(path).'
      : typeof Blob !== 'undefined' && value instanceof Blob
        ? 'Pass `new Uint8Array(await blob.arrayBuffer())`, or use `Session.fromBlob` in a worker.'
        : 'Pass a Uint8Array or an ArrayBuffer.'
  throw invalidOption(
    `The ${field} must be the file's bytes, not ${kindOf(value)}. ${advice}`,
    field,
    'Uint8Array',
    kindOf(value),
  )
}

/** JSON for the engine, of an object or of text that is JSON already. */
export function toJson(value: unknown, field: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer)) {
    return JSON.stringify(value)
  }
  throw invalidOption(`The ${field} must be an object or its JSON, not ${kindOf(value)}.`, field, 'object', kindOf(value))
}

/** A whole number that the engine takes as 32 bits: it would wrap around others. */
export function toWhole(value: unknown, field: string, least = 1): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 0xffff_ffff) return value
  const got = typeof value === 'number' ? value : kindOf(value)
  throw invalidOption(`The ${field} must be a whole number of at least ${least}, not ${got}.`, field, `at least ${least}`, got)
}

/** The error of the engine, or a trap of it, as the error type that pages have too. */
export function toTruecropError(error: unknown): unknown {
  if (error instanceof TruecropError || !(error instanceof Error)) return error
  if (error.name === 'TruecropError' && 'code' in error) {
    const { code, fault, field, expected, got } = error as unknown as TruecropError
    return new TruecropError({ code, fault, detail: error.message, ...(field !== undefined && { field }), expected, got })
  }
  if (error instanceof WebAssembly.RuntimeError) {
    const detail =
      'The engine broke on this call. Start a new worker or process, and please report it, with the photo if you can.'
    return new TruecropError({ code: 'internal', fault: 'environment', detail, got: String(error) })
  }
  return error
}

/** Runs a call into wasm; what it throws becomes a {@link TruecropError}. */
export function guard<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw toTruecropError(error)
  }
}

/** What is behind a session, a task or a submission, until it is freed. */
export function owned<T extends { free(): void }>(first: T, name: string): { get(): T; take(): T; free(): void } {
  let value: T | undefined = first
  const get = (): T => {
    if (value) return value
    throw invalidOption(`This ${name} was freed. Make a new one.`, name)
  }
  return {
    get,
    /** For a call that uses it up. */
    take() {
      const taken = get()
      value = undefined
      return taken
    },
    free() {
      value?.free()
      value = undefined
    },
  }
}
