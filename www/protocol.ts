/**
 * Every message between the page and its worker, one interface each. The only file that both threads import. It holds
 * only types, so that neither side pulls in the other's code.
 *
 * The page gives each request an `id`. The worker responds to each id exactly once with `facts`, `proxy`, `rendered`,
 * `solved`, `closed` or `error`, after any number of `progress` messages. After an `abort` the response is still sent: an
 * `error` with the code `cancelled`, or the result when the abort came too late.
 */

/** Mirrors the photo; applied before the rotation. */
export type Flip = 'none' | 'horizontal' | 'vertical' | 'both'

/** Where the person has moved the photo under the frame. */
export interface View {
  /** At 1 the photo, not rotated, just covers the frame. */
  zoom: number
  /** The frame's centre as fractions of the oriented source. */
  center: { x: number; y: number }
  /** Degrees clockwise. */
  rotate: number
  flip: Flip
}

/** A rectangle in oriented source pixels; every edge is a multiple of 1/256. */
export interface Crop {
  x: number
  y: number
  width: number
  height: number
}

/** The solver's result: a view within its bounds, and its crop. */
export interface Solved {
  view: View
  crop: Crop
  zoom: { least: number; greatest: number }
}

export type Format = 'jpeg' | 'png' | 'webp'

/** One output to make. */
export interface OutputSpec {
  /** 1 to 32 of a-z, 0-9, - and _. */
  name: string
  width: number
  height: number
  format: Format
  /** 1 to 100. A JPEG without it has 85; a WebP with it is lossy, without it lossless; a PNG has none. */
  quality?: number
  /** Largest file in bytes. The quality of a JPEG or lossy WebP is lowered to fit; the code is `max-bytes-unreachable` when that is not enough. */
  maxBytes?: number
  /** JPEG only: the photo's gain map, by which displays show HDR, is cut too and kept in the file. */
  hdr?: 'keep'
  /** PNG and WebP only: what lies outside the ellipse that touches all four sides (a circle in a square) is transparent, over any background. */
  mask?: 'ellipse'
}

/** What to make of a source. Does not depend on any screen. */
export interface Recipe {
  truecrop: 1
  crop: Crop
  rotate?: number
  flip?: Flip
  /** `#rrggbb` or `transparent`. */
  background?: string
  filter?: 'lanczos3' | 'catmull-rom' | 'triangle' | 'box'
  light?: 'srgb' | 'linear'
  outputs: OutputSpec[]
}

/** What the file's headers say. */
export interface Facts {
  format: string
  bytes: number
  /** Columns, after the EXIF orientation is applied. */
  width: number
  /** Rows, after the EXIF orientation is applied. */
  height: number
  /** EXIF orientation, 1 to 8. */
  orientation: number
  /** Whether the picture may have transparent pixels. */
  alpha: boolean
  animated: boolean
  /** What the file holds and its pictures do not show, as far as its headers tell. */
  ignored: Ignored[]
}

/**
 * Something that a file holds and the picture does not show: a colour profile (or another statement about its colours) that
 * could not be applied, a gain map (HDR) that no output keeps, further pages, or the wrong checksum of its pixel data.
 */
export type Ignored = 'checksum' | 'gain-map' | 'pages' | 'profile'

/** Who can correct the error. */
export type Fault = 'input' | 'caller' | 'limit' | 'environment'

/** An error as plain data. */
export interface SerializedError {
  /** Stable, in kebab case. */
  code: string
  fault: Fault
  /** A sentence that says what to do. */
  detail: string
  field?: string
  expected?: unknown
  got?: unknown
}

// ---- from the page -------------------------------------------------------------------------------------------------

/** The first message: where the wasm modules are, and the limits. */
export interface BootMessage {
  type: 'boot'
  /** Address of truecrop_bg.wasm, the module with the web's formats; by default in wasm/ beside the worker. */
  wasmUrl?: string
  /** Address of truecrop_jpeg_bg.wasm; by default in wasm/ beside the worker. Not used when only `wasmUrl` is given. */
  jpegWasmUrl?: string
  /**
   * Address of truecrop_all_bg.wasm, which reads the rare formats too; by default in wasm/ beside the worker. When `wasmUrl`
   * is given without it, rare formats are refused.
   */
  allWasmUrl?: string
  /**
   * Address of truecrop_heic_bg.wasm, which reads HEIC beside JPEG; by default in wasm/ beside the worker. When `wasmUrl` is given
   * without it, HEIC goes to the module with all formats, and is refused where that has no address either.
   */
  heicWasmUrl?: string
  /** Which decoders there are beside those of the web's formats. By default `heic`. */
  decoders?: Decoders
  /** The page has the modules in its own files: modules without an address are asked of it. */
  inline?: boolean
  /** The core's limits as JSON; by default its own. */
  limits?: string
}

/** The builds of the engine: JPEG alone, the web's formats, all formats, JPEG and HEIC. */
export type ModuleKind = 'jpeg' | 'full' | 'all' | 'heic'

/**
 * `heic`: HEIC is read by the engine. `platform`: beside that, the browser's own decoder reads what the engine does not (AVIF; JPEG XL
 * where the browser has it), and the receipt says so. `none`: HEIC is refused by name too.
 */
export type Decoders = 'heic' | 'platform' | 'none'

/** What the browser's own decoder gave of a file. */
export interface PlatformPixels {
  /** As in the receipt: `avif`. */
  format: string
  /** Columns and rows, upright. */
  width: number
  height: number
  /** Whether a pixel is transparent. */
  alpha: boolean
  /** RGBA with straight alpha, 8 bits, in sRGB. */
  bytes: Blob
}

/** The answer to a `wanted` message: the module as base64 of its gzipped bytes, or why there is none. */
export interface ModuleMessage {
  type: 'module'
  module: ModuleKind
  text?: string
  error?: string
}

/** Loads what a photo will most likely need. Response: `warmed`. */
export interface WarmRequest {
  type: 'warm'
  id: number
}

/** Opens a file and reads its headers. Response: `facts`. */
export interface OpenRequest {
  type: 'open'
  id: number
  /** The id that the page uses for this photo in later requests. */
  photo: number
  file: Blob
  /** Where the browser has decoded it. */
  pixels?: PlatformPixels | undefined
}

/** Makes a small picture of the whole photo for the screen. Response: `proxy`. */
export interface ProxyRequest {
  type: 'proxy'
  id: number
  photo: number
  /** Pixels of the longer side at most; a smaller photo is not enlarged. */
  longest: number
}

/** Makes a recipe's outputs and their receipt. Response: `rendered`. */
export interface RenderRequest {
  type: 'render'
  id: number
  photo: number
  /** JSON. */
  recipe: string
}

/** Brings a view within its bounds and computes its crop. Response: `solved`. */
export interface SolveRequest {
  type: 'solve'
  id: number
  photo: number
  view: View
  /** Aspect ratio of the frame: two whole numbers. */
  aspect: [number, number]
  /** Whether the photo may be smaller than the frame. */
  contain: boolean
}

/** Aborts the request with this id. */
export interface AbortMessage {
  type: 'abort'
  id: number
}

/** Releases a photo's memory. Response: `closed`. */
export interface CloseRequest {
  type: 'close'
  id: number
  photo: number
}

export type WorkerRequest = WarmRequest | OpenRequest | ProxyRequest | RenderRequest | SolveRequest | CloseRequest
export type FromPage = BootMessage | ModuleMessage | AbortMessage | WorkerRequest

// ---- from the worker -----------------------------------------------------------------------------------------------

export interface WarmedResponse {
  type: 'warmed'
  id: number
}

export interface FactsResponse {
  type: 'facts'
  id: number
  facts: Facts
}

/** The proxy, ready for a canvas. Transferred, not copied. */
export interface ProxyResponse {
  type: 'proxy'
  id: number
  bitmap: ImageBitmap
}

/** One output file. Its bytes are transferred, not copied. */
export interface RenderedOutput {
  name: string
  /** Media type. */
  type: string
  bytes: ArrayBuffer
}

export interface RenderedResponse {
  type: 'rendered'
  id: number
  /** Canonical JSON: send it unchanged. */
  receipt: string
  outputs: RenderedOutput[]
  /** Milliseconds that the render took in the worker. */
  took: number
  /** Bytes of wasm memory after the render. It never shrinks, so this is also its peak. */
  memory: number
}

export interface SolvedResponse {
  type: 'solved'
  id: number
  solved: Solved
}

export interface ClosedResponse {
  type: 'closed'
  id: number
  /** Whether the worker should be replaced, because its memory grew large and cannot shrink. */
  shouldReplace: boolean
}

/** How far a request is, 0 to 1; sent at most every 50 ms. */
export interface ProgressMessage {
  type: 'progress'
  id: number
  done: number
}

export interface ErrorResponse {
  type: 'error'
  id: number
  error: SerializedError
  /** Whether the engine broke and the worker must be replaced. */
  broken: boolean
}

/** The first message: the worker's script runs. */
export interface ReadyMessage {
  type: 'ready'
}

/** A module is not where it should be: the page may have a copy in its own files. Answer: `module`. */
export interface WantedMessage {
  type: 'wanted'
  module: ModuleKind
}

export type WorkerResponse =
  | WarmedResponse
  | FactsResponse
  | ProxyResponse
  | RenderedResponse
  | SolvedResponse
  | ClosedResponse
  | ErrorResponse
export type FromWorker = WorkerResponse | ProgressMessage | ReadyMessage | WantedMessage
