/** The part of wasm-bindgen's generated JavaScript that `truecrop/core` and the worker use (see src/ for the guarantees). */

export interface CoreGlue {
  default(input: { module_or_path: unknown }): Promise<{ memory: WebAssembly.Memory }>
  initSync(input: { module: BufferSource | WebAssembly.Module }): { memory: WebAssembly.Memory }
  Session: {
    fromBytes(bytes: Uint8Array, limits: string | undefined): GlueSession
    fromBlob(blob: Blob, limits: string | undefined): GlueSession
  }
  engineVersion(): string
  pixelsVersion(): number
  solveView(width: number, height: number, view: string, aspectWidth: number, aspectHeight: number, contain: boolean): string
  /** Only in the module with all formats. */
  Submission?: {
    ofReceipt(json: Uint8Array, limits: string | undefined): GlueSubmission
    ofRecipe(json: Uint8Array, limits: string | undefined): GlueSubmission
  }
  convertFrom?(kind: string, data: string, width: number, height: number): string
  convertTo?(kind: string, placement: string, width: number, height: number): string
}

export interface GlueSession {
  facts(): string
  solve(view: string, aspectWidth: number, aspectHeight: number, contain: boolean): string
  plan(recipe: string): string
  proxy(longest: number): GlueTask
  render(recipe: string, digestLater: boolean): GlueTask
  preload(bytes: Uint8Array): void
  setDigest(sha256: Uint8Array): void
  free(): void
}

export interface GlueTask {
  advance(rows: number): boolean
  progress(): number
  takeRaster(): Raster
  finish(): Rendered
  free(): void
}

export interface GlueSubmission {
  names(): string
  addOutput(name: string, bytes: Uint8Array): void
  setSource(bytes: Uint8Array): void
  verify(level: string, policy: string | undefined): GlueChecked
  free(): void
}

export interface GlueChecked {
  verdict(): string
  receipt(): string
  bytes(index: number): Uint8Array<ArrayBuffer>
  free(): void
}

/** Pixels, RGBA. Free it to release its memory. */
export interface Raster {
  readonly width: number
  readonly height: number
  /** Hands over the pixels; they can be taken once. */
  take(): Uint8ClampedArray
  free(): void
}

/** The outputs of a recipe and their receipt. Free it to release its memory. */
export interface Rendered {
  /** Canonical JSON. */
  readonly receipt: string
  /** How many outputs there are. */
  readonly count: number
  name(index: number): string
  /** The media type. */
  type(index: number): string
  bytes(index: number): Uint8Array<ArrayBuffer>
  free(): void
}
