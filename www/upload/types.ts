/** What `upload` takes and gives. */

import type { Result } from '../client/photo.js'

/** One picture: what was made, and the photo that it was made of where that is to be sent too. */
export interface Picture {
  /** As `element.result`, or what `photo.render` gave. */
  result: Pick<Result, 'receipt' | 'outputs' | 'names'> & Partial<Pick<Result, 'toFormData'>>
  /** The photo itself. A server at level `source` needs it, and any other verifies more with it; see `sendSource`. */
  source?: Blob | null | undefined
}

/** What has been sent. */
export interface Progress {
  /** `checking`: everything is sent, and the server judges it. */
  phase: 'sending' | 'checking'
  /** Bytes that have left; never less than before, unless something had to be sent again. */
  loaded: number
  /** Bytes in all. */
  total: number
}

export interface UploadOptions {
  /** Where the server is: the part of its addresses before `/v1`. By default the page's own origin. */
  endpoint?: string | URL | undefined
  /**
   * `form`: one request; `bucket`: each part by itself, into the server's bucket, or to a server with a folder, which takes them piece by piece; `auto`, the default: in
   * parts where there is a bucket, and from 8 MiB on where there is a folder.
   */
  way?: 'auto' | 'form' | 'bucket' | undefined
  /** Header fields for the server, such as `Authorization`; never sent to the bucket. */
  headers?: Record<string, string> | undefined
  /** Gives up: nothing stays on the server. */
  signal?: AbortSignal | undefined
  onProgress?: ((progress: Progress) => void) | undefined
  /**
   * When `source` of the pictures is sent. `always`, the default: with them; `asked`: only where the server asks for it by an audit,
   * after the pictures.
   */
  sendSource?: 'always' | 'asked' | undefined
  /** How often a request that may succeed later is made again; by default 4. */
  retries?: number | undefined
}

/** A stored picture, which waits to be confirmed. */
export interface UploadedImage {
  id: string
  state: 'pending' | 'kept'
  created_at: string
  expires_at?: string
  level: 'result' | 'committed' | 'source'
  /** The server asks for the photo, until `deadline`: before that it cannot be confirmed. `source` is the absolute address for it. */
  audit?: { state: 'waiting' | 'passed' | 'failed'; deadline: string; source: string }
  receipt: { url: string; digest: string }
  outputs: UploadedOutput[]
}

export interface UploadedOutput {
  name: string
  /** Absolute. */
  url: string
  type: string
  width: number
  height: number
  bytes: number
  digest: string
}

/** The pictures by their names. */
export interface Uploaded {
  images: Record<string, UploadedImage>
}
