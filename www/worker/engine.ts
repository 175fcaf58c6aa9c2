/** Loads a wasm module, checks it and starts it. */

import type { SerializedError } from '../protocol.js'

/** The part of the wasm package that the worker uses (see src/ for the guarantees). */
export interface Engine {
  Session: {
    fromBlob(blob: Blob, limits?: string): Session
  }
  memory(): number
}

export interface Session {
  facts(): string
  solve(view: string, aspectWidth: number, aspectHeight: number, contain: boolean): string
  proxy(longest: number): CropTask
  render(recipe: string, digestLater: boolean): CropTask
  preload(bytes: Uint8Array): void
  setDigest(sha256: Uint8Array): void
  free(): void
}

export interface CropTask {
  advance(rows: number): boolean
  progress(): number
  takeRaster(): { readonly width: number; readonly height: number; take(): Uint8ClampedArray; free(): void }
  finish(): Rendered
  free(): void
}

export interface Rendered {
  readonly receipt: string
  readonly count: number
  name(index: number): string
  type(index: number): string
  bytes(index: number): Uint8Array
  free(): void
}

/** The JavaScript glue that wasm-bindgen generates. */
export interface Glue {
  default(input: { module_or_path: URL | Response | ArrayBuffer }): Promise<{ memory: WebAssembly.Memory }>
  Session: Engine['Session']
}

/** The engine could not be loaded or started. */
export class EngineUnavailable extends Error {
  readonly serialized: SerializedError

  constructor(detail: string, expected?: unknown, got?: unknown) {
    super(detail)
    this.serialized = { code: 'engine-unavailable', fault: 'environment', detail, field: 'wasmUrl', expected, got }
  }
}

/** A module with one function that uses a vector: valid only where SIMD128 is supported. */
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
])

/**
 * Loads and starts an engine.
 *
 * @throws EngineUnavailable when the file is missing or is not wasm, when the page's security policy forbids it, or when
 *   the browser is too old.
 */
export async function loadEngine(glue: Glue, url: URL): Promise<Engine> {
  if (!WebAssembly.validate(SIMD_PROBE)) {
    const detail =
      'This browser is too old: the engine needs WebAssembly with SIMD, which all browsers have had since March 2023. Update it.'
    throw new EngineUnavailable(detail, 'WebAssembly SIMD')
  }
  const response = await fetchWasm(url)
  // With the right media type the browser compiles while it downloads, and caches the code for the next visit.
  const canStream = response.headers.get('content-type')?.split(';')[0]?.trim() === 'application/wasm'
  const input = canStream ? response : await checkedBytes(response, url)
  try {
    const { memory } = await glue.default({ module_or_path: input })
    return { Session: glue.Session, memory: () => memory.buffer.byteLength }
  } catch (error) {
    throw startError(error, url)
  }
}

const fileName = (url: URL): string => url.pathname.split('/').pop() ?? ''

async function fetchWasm(url: URL): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, { credentials: 'same-origin' })
  } catch (error) {
    throw new EngineUnavailable(
      `The engine could not be loaded from ${url}: ${String(error)}. Check the address and the network, or give wasm-url.`,
    )
  }
  if (!response.ok) {
    const detail = `Your server answered ${response.status} for ${url}. Copy ${fileName(url)} there, or give its address as wasm-url.`
    throw new EngineUnavailable(detail, 200, response.status)
  }
  return response
}

async function checkedBytes(response: Response, url: URL): Promise<ArrayBuffer> {
  const bytes = await response.arrayBuffer()
  const start = new Uint8Array(bytes, 0, Math.min(4, bytes.byteLength))
  if (start[0] === 0 && start[1] === 0x61 && start[2] === 0x73 && start[3] === 0x6d) return bytes
  const got = start[0] === 0x3c ? 'HTML' : 'something that is not WebAssembly'
  const detail = `Your server returned ${got} for ${url}. Copy ${fileName(url)} there, or give its address as wasm-url.`
  throw new EngineUnavailable(detail, 'WebAssembly', got)
}

function startError(error: unknown, url: URL): EngineUnavailable {
  const text = String(error)
  if (/content security policy|unsafe-eval/i.test(text)) {
    return new EngineUnavailable(
      "The page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to script-src.",
      "script-src 'wasm-unsafe-eval'",
    )
  }
  return new EngineUnavailable(`The engine from ${url} could not be started: ${text}.`)
}
