/** What `truecrop/node` takes and gives. */

import type { Level, Policy } from '../policy.js'
import type { Crop, Flip, Format, Ignored, Recipe, View } from '../protocol.js'

export type { Level, Policy } from '../policy.js'
export type { Crop, Facts, Fault, Flip, Format, Ignored, OutputSpec, Recipe, View } from '../protocol.js'

/**
 * A file: its path or `file:` URL; its bytes in any form; a `Blob` or `File`; a stream of bytes (a web stream, a Node stream, any
 * async iterable), or a `Response`. Streams are read into memory, up to the limit `source_bytes`.
 */
export type Source =
  | string
  | URL
  | ArrayBufferLike
  | ArrayBufferView
  | Blob
  | Response
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>

/** Bounds in place of the engine's own: `source_bytes`, `source_pixels`, `output_pixels`, `memory`, ... (docs/NODE.md). */
export type Limits = Record<string, number>

export interface Options {
  limits?: Limits | undefined
  /** Ends the work at once; the promise is rejected with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** One output and how it is framed, as the element's view says it: for who has no recipe. */
export interface Wanted {
  width: number
  height: number
  /** By default `jpeg`. */
  format?: Format
  /** 1 to 100. A JPEG without it has 85; a WebP with it is lossy, without it lossless; a PNG has none. */
  quality?: number
  /** Most bytes of the file. */
  maxBytes?: number
  /** JPEG only: the picture's gain map (HDR) is kept. */
  hdr?: 'keep'
  /** PNG and WebP only: what lies outside the ellipse that touches all four sides is transparent. */
  mask?: 'ellipse'
  /** 1: the picture just covers the frame. Smaller only with a background. */
  zoom?: number
  /** The frame's centre as fractions of the picture; by default its middle. */
  center?: { x: number; y: number }
  /** Degrees clockwise. */
  rotate?: number
  flip?: Flip
  /** `#rrggbb` or `transparent`. */
  background?: string
  filter?: Recipe['filter']
  light?: Recipe['light']
}

/** Facts of an output, as the receipt has them. */
export interface OutputFacts {
  name: string
  width: number
  height: number
  format: Format
  quality?: number
  maxBytes?: number
  usedQuality?: number
  /** As in the recipe: nothing is stored outside of the ellipse. */
  mask?: 'ellipse'
  /** Size of the gain map in the file. */
  map?: { width: number; height: number }
  /** Length of the file. */
  bytes: number
  /** `sha-256=:base64:`. */
  digest: string
}

/** A receipt, as docs/RECEIPT.md has it. */
export interface Receipt {
  truecrop: 1
  pixels: number
  engine: string
  source: {
    format: string
    bytes: number
    width: number
    height: number
    orientation: number
    digest: string
    decoder: 'core' | 'platform'
    frame?: 'first'
    truncated?: true
    ignored?: Ignored[]
  }
  view: View
  crop: Crop
  background?: string
  filter?: string
  light?: string
  outputs: OutputFacts[]
  digest: string
}

/** What was proved. What does not hold is thrown. */
export interface Verdict {
  valid: true
  level: Level
  /** The pixel contract's version. */
  pixels: number
  /** The receipt's digest. */
  receipt: string
  /** The source's digest: proved at level `source`, promised at the others. */
  source: string
  outputs: OutputFacts[]
}

/** A finished file. */
export interface Output {
  name: string
  /** Media type. */
  type: string
  width: number
  height: number
  format: Format
  /** `sha-256=:base64:`. */
  digest: string
  bytes: Uint8Array<ArrayBuffer>
}

/** What to check. */
export interface Submitted {
  /** The receipt as it was sent, or as it was parsed. */
  receipt: string | Uint8Array | object
  /** The outputs by their names; the bytes alone where there is one. */
  outputs: Record<string, OutputBytes> | OutputBytes
  /** Where it was sent. It is always used then, and everything is proved. */
  source?: Source | undefined
}

export type OutputBytes = ArrayBufferLike | ArrayBufferView | Blob

export interface VerifyOptions extends Options {
  /** By default `result`. */
  level?: Level | undefined
  policy?: Policy | undefined
}

export interface ReceiveOptions extends VerifyOptions {
  /** Most bytes of the whole form; by default 64 MiB. */
  bodyBytes?: number | undefined
  /** Most pictures of a form; by default 16. */
  pictures?: number | undefined
  /** Most bytes of a field that is no part of a picture; by default 65,536. */
  fieldBytes?: number | undefined
  /** Most bytes of all such fields together; by default 262,144. */
  fieldsBytes?: number | undefined
}
