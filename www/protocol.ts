/**
 * Every message between the page and its worker: one interface each. The only file that both threads import, and it
 * holds types alone, so that neither side drags the other's code along.
 *
 * A request carries an `id` of the page's choice; the worker answers each id exactly once with `facts`, `proxy`,
 * `rendered`, `solved`, `closed` or `error`, and with any number of `progress` before that. After an `abort` the
 * answer is still sent (an `error` with code `cancelled`, or the result when it was too late).
 */

/** Mirrors, applied before the turn. */
export type Flip = 'none' | 'horizontal' | 'vertical' | 'both'

/** What the person did. */
export interface View {
  /** 1 = the picture just covers the frame as it lies. */
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

/** A view within its bounds and what it means: the answer of the solver. */
export interface Solved {
  view: View
  crop: Crop
  zoom: { least: number; greatest: number }
}

export type Format = 'jpeg' | 'png' | 'webp'

/** One wanted output. */
export interface OutputSpec {
  /** 1 to 32 of a-z, 0-9, - and _. */
  name: string
  width: number
  height: number
  format: Format
  /** JPEG only, 1 to 100. */
  quality?: number
  /** Most bytes of the file. A JPEG takes a lower quality for it; `max-bytes-unreachable` where none is low enough. */
  maxBytes?: number
}

/** What to make of a source, free of any screen. */
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

/** What the file is, as read from its headers. */
export interface Facts {
  format: string
  bytes: number
  /** Oriented columns. */
  width: number
  /** Oriented rows. */
  height: number
  orientation: number
  /** Whether it may be transparent. */
  alpha: boolean
  animated: boolean
}

/** Who can mend it. */
export type Fault = 'input' | 'caller' | 'limit' | 'environment'

/** An error as plain data. */
export interface ErrorForm {
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

/** First message: where the engine is and what it may use. */
export interface Boot {
  type: 'boot'
  /** Address of truecrop_bg.wasm, the module with every format; beside the worker when missing. */
  wasmUrl?: string
  /** Address of truecrop_jpeg_bg.wasm; beside the worker when missing, but not used when only `wasmUrl` is given. */
  jpegWasmUrl?: string
  /** The core's limits as JSON; its defaults when missing. */
  limits?: string
}

/** Opens and probes a file; answered by `facts`. */
export interface Open {
  type: 'open'
  id: number
  /** The page's name for the photo in later requests. */
  photo: number
  file: Blob
}

/** A picture of the whole for the screen; answered by `proxy`. */
export interface WantProxy {
  type: 'proxy'
  id: number
  photo: number
  /** Pixels of the longer side; never enlarged. */
  longest: number
}

/** The outputs of a recipe with their receipt; answered by `rendered`. */
export interface Render {
  type: 'render'
  id: number
  photo: number
  /** JSON. */
  recipe: string
}

/** Brings a view within its bounds; answered by `solved`. */
export interface Solve {
  type: 'solve'
  id: number
  photo: number
  view: View
  /** Two whole numbers. */
  aspect: [number, number]
  /** Whether the picture may be smaller than the frame. */
  contain: boolean
}

/** Stops the request with this id. */
export interface Abort {
  type: 'abort'
  id: number
}

/** Gives a photo's memory back; answered by `closed`. */
export interface Close {
  type: 'close'
  id: number
  photo: number
}

export type Request = Open | WantProxy | Render | Solve | Close
export type FromPage = Boot | Abort | Request

// ---- from the worker -----------------------------------------------------------------------------------------------

export interface FactsAnswer {
  type: 'facts'
  id: number
  facts: Facts
}

/** The proxy, ready for a canvas; transferred. */
export interface ProxyAnswer {
  type: 'proxy'
  id: number
  bitmap: ImageBitmap
}

/** One made file; its bytes are transferred. */
export interface RenderedOutput {
  name: string
  /** Media type. */
  type: string
  bytes: ArrayBuffer
}

export interface RenderedAnswer {
  type: 'rendered'
  id: number
  /** Canonical JSON, to be sent as it is. */
  receipt: string
  outputs: RenderedOutput[]
  /** Milliseconds of the run itself. */
  took: number
  /** Bytes of the wasm memory after the run. It never shrinks, so this is also the peak. */
  memory: number
}

export interface SolvedAnswer {
  type: 'solved'
  id: number
  solved: Solved
}

export interface ClosedAnswer {
  type: 'closed'
  id: number
  /** Whether the worker should be replaced: its memory grew large and can not shrink. */
  spent: boolean
}

/** How far a job is, 0 to 1; at most every 50 ms. */
export interface Progress {
  type: 'progress'
  id: number
  done: number
}

export interface Failure {
  type: 'error'
  id: number
  error: ErrorForm
  /** Whether the engine broke and the worker must be replaced. */
  broken: boolean
}

export type Answer = FactsAnswer | ProxyAnswer | RenderedAnswer | SolvedAnswer | ClosedAnswer | Failure
export type FromWorker = Answer | Progress
