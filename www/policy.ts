/** A policy: the server holds uploads to it, and the element guides people by it. docs/POLICY.md says what each rule means. */

import type { Format } from './protocol.js'

/** How much is to be proved: docs/RECEIPT.md, *Levels*. */
export type Level = 'result' | 'committed' | 'source'

/** What an application allows; a missing rule allows everything, an unknown one is refused. */
export interface Policy {
  /** Shapes that outputs may have, exactly: `['1:1', '16:9']`. */
  aspects?: string[]
  /** Sizes that outputs may have, exactly: `['512x512']`. */
  sizes?: string[]
  formats?: Format[]
  /** Masks that outputs may have: `['ellipse']` wants each output cut to an ellipse. */
  masks?: ('none' | 'ellipse')[]
  /** Names that outputs may have. */
  outputNames?: string[]
  minOutputSide?: number
  maxOutputSide?: number
  maxOutputBytes?: number
  maxOutputs?: number
  /** Most pictures of one form. */
  maxPictures?: number
  maxSourceBytes?: number
  /** Bounds of the quality that a JPEG or lossy WebP may be made with. */
  minQuality?: number
  maxQuality?: number
  /** Fewest source pixels of the crop's shorter side. */
  minCropSide?: number
  /** Most output pixels per source pixel along a side. */
  maxUpscale?: number
  /** Whether a crop may have another shape than its output. Allowed when missing. */
  allowStretch?: boolean
  /** Whether a background may show. Allowed when missing. */
  allowBackground?: boolean
  /** Whether the browser's own decoder may have read the source; when missing, at level `result` alone. */
  allowPlatform?: boolean
  /** Whether an output may have a gain map (HDR). Allowed when missing. */
  allowHdr?: boolean
  /** The least that an upload has to prove. */
  level?: Level
}
