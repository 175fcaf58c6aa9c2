/** Loads a wasm module, checks it and starts it: for the worker, and for `truecrop/core` on the caller's thread. */

import type { GlueSession, GlueTask } from './glue.js'
import type { ModuleKind, SerializedError } from '../protocol.js'

/** The part of the wasm package that the worker uses (see src/ for the guarantees). */
export interface Engine {
  Session: {
    fromBlob(blob: Blob, limits?: string): Session
    /** In the modules `heic` and `all`. */
    fromPixels(blob: Blob, pixels: Blob, format: string, width: number, height: number, alpha: boolean, limits?: string): Session
  }
  memory(): number
}

/** An open photo; what the worker uses of it. */
export type Session = Omit<GlueSession, 'plan'>

export type CropTask = GlueTask

/** The JavaScript glue that wasm-bindgen generates. */
export interface Glue {
  default(input: { module_or_path: URL | Response | ArrayBuffer }): Promise<{ memory: WebAssembly.Memory }>
  Session: Engine['Session']
}

/** The engine could not be loaded or started. */
export class EngineUnavailable extends Error {
  readonly serialized: SerializedError

  /** Whether the file itself is the trouble, so that a copy of it may do. */
  readonly isMissing: boolean

  constructor(detail: string, { field = 'wasmUrl', expected, got, isMissing = false }: Partial<EngineFailure> = {}) {
    super(detail)
    this.serialized = { code: 'engine-unavailable', fault: 'environment', detail, field, expected, got }
    this.isMissing = isMissing
  }
}

interface EngineFailure {
  field: string
  expected: unknown
  got: unknown
  isMissing: boolean
}

/** The option that says where a module is, and the attribute of the same meaning. */
const ADDRESSES = {
  jpeg: { field: 'jpegWasmUrl', where: 'as jpeg-wasm-url' },
  full: { field: 'wasmUrl', where: 'as wasm-url' },
  all: { field: 'allWasmUrl', where: 'as all-wasm-url' },
  heic: { field: 'heicWasmUrl', where: 'as heic-wasm-url' },
} as const

/** A module with one function that uses a vector: valid only where SIMD128 is supported. */
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
])

/**
 * Loads and starts an engine from its address, or from the module's bytes.
 *
 * @throws EngineUnavailable when the file is missing or is not wasm, when the page's security policy forbids it, or when
 *   the browser is too old.
 */
export async function loadEngine(glue: Glue, kind: ModuleKind, source: URL | ArrayBuffer): Promise<Engine> {
  checkSimd()
  const input = source instanceof URL ? await fetchWasm(source, ADDRESSES[kind]) : source
  try {
    const { memory } = await glue.default({ module_or_path: input })
    return { Session: glue.Session, memory: () => memory.buffer.byteLength }
  } catch (error) {
    throw startError(error, source)
  }
}

/** @throws EngineUnavailable where vectors are not supported. */
export function checkSimd(): void {
  if (WebAssembly.validate(SIMD_PROBE)) return
  throw new EngineUnavailable(
    'This browser is too old: the engine needs WebAssembly with SIMD, which all browsers have had since March 2023. Update it.',
    { expected: 'WebAssembly SIMD' },
  )
}

const fileName = (url: URL): string => url.pathname.split('/').pop() ?? ''

/** Where the caller gives the address of a module. */
export interface Address {
  field: string
  /** The end of the sentence "give its address ...". */
  where: string
}

/**
 * Fetches a module and checks that it is one.
 *
 * @throws EngineUnavailable
 */
export async function fetchWasm(url: URL, { field, where }: Address): Promise<Response | ArrayBuffer> {
  let response: Response
  try {
    response = await fetch(url, { credentials: 'same-origin' })
  } catch (error) {
    const detail = `The engine could not be loaded from ${url}: ${String(error)}. Check the address and the network, or give another address ${where}.`
    throw new EngineUnavailable(detail, { field, isMissing: true })
  }
  if (!response.ok) {
    const detail = `Your server answered ${response.status} for ${url}. Copy ${fileName(url)} there, or give its address ${where}.`
    throw new EngineUnavailable(detail, { field, expected: 200, got: response.status, isMissing: true })
  }
  // With the right media type the browser compiles while it downloads, and caches the code for the next visit.
  if (response.headers.get('content-type')?.split(';')[0]?.trim() === 'application/wasm') return response
  const bytes = await response.arrayBuffer()
  const start = new Uint8Array(bytes, 0, Math.min(4, bytes.byteLength))
  if (start[0] === 0 && start[1] === 0x61 && start[2] === 0x73 && start[3] === 0x6d) return bytes
  const got = start[0] === 0x3c ? 'HTML' : 'something that is not WebAssembly'
  const detail = `Your server returned ${got} for ${url}. Copy ${fileName(url)} there, or give its address ${where}.`
  throw new EngineUnavailable(detail, { field, expected: 'WebAssembly', got, isMissing: true })
}

/** What was thrown when a module was compiled or started, in words that help. */
export function startError(error: unknown, source: unknown): EngineUnavailable {
  const text = String(error)
  if (/content security policy|unsafe-eval/i.test(text)) {
    return new EngineUnavailable(
      "The page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to script-src.",
      { expected: "script-src 'wasm-unsafe-eval'" },
    )
  }
  const from = source instanceof URL ? ` from ${source}` : ''
  return new EngineUnavailable(`The engine${from} could not be started: ${text}.`)
}

/** A module from base64 of its gzipped bytes, as the package's files in inline/data have it. */
export function decodeModule(text: string): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer()
}
