/**
 * truecrop for FilePond: its `server.process` crops each photo and uploads it with its receipt, to truecrop's server or to what takes such forms.
 *
 * ```js
 * FilePond.create(input, { server: trueCropServer({ name: 'avatar', width: 512, height: 512 }) })
 * ```
 */

import type { View } from '../client/index.js'
import { type CropWanted, cropped, outputsOf } from '../uploaders/cropped.js'
import { type Uploaded, type UploadOptions, upload } from '../upload/index.js'

export { TruecropError } from '../client/error.js'
export { UploadError } from '../upload/index.js'
export type { CropWanted } from '../uploaders/cropped.js'

export interface TrueCropFilePondOptions extends CropWanted, Pick<UploadOptions, 'endpoint' | 'way' | 'headers' | 'retries'> {
  /** The picture's name in the form; by default `main`. */
  name?: string | undefined
  /**
   * Lets a person take back a picture that nobody has confirmed. Servers with an `api_key` allow it to who uploaded it: with a policy token that
   * names a subject, in `headers`.
   */
  revert?: boolean | undefined
  /** `true` sends the photo too, for servers that make everything again; `asked` sends it where the server asks for it by an audit. */
  sendSource?: boolean | 'asked' | undefined
  /** The server's answer. FilePond itself keeps the picture's `id`, in its hidden field. */
  onUploaded?: ((uploaded: Uploaded) => void) | undefined
}

/** FilePond's own shape of `server.process`. */
export type Process = (
  fieldName: string,
  file: Blob,
  metadata: Record<string, unknown>,
  load: (id: string) => void,
  error: (message: string) => void,
  progress: (isComputable: boolean, loaded: number, total: number) => void,
  abort: () => void,
) => { abort: () => void }

/** A request that FilePond makes itself. */
export interface Action {
  url: string
  method: 'GET' | 'DELETE'
  headers: Record<string, string>
}

/** Rendering is so much of the bar; the rest is sending. */
const RENDERING = 0.3

/**
 * FilePond's option `server`. A photo's view is its metadata `truecrop` (`item.setMetadata('truecrop', view)`, from an editor of yours); its middle without it. Pictures
 * that the server has are shown again by their ids (`load` and `restore`).
 */
export function trueCropServer(options: TrueCropFilePondOptions): {
  process: Process
  revert: Action | null
  load: Action
  restore: Action
  fetch: null
} {
  outputsOf(options)
  const { name = 'main', sendSource = false, onUploaded, endpoint, way, headers = {}, retries } = options
  const action = (method: Action['method'], query: string): Action => {
    const base = new URL(endpoint ?? '/', globalThis.location?.href).href.replace(/\/$/, '')
    return { url: `${base}/v1/filepond${query}`, method, headers }
  }
  const process: Process = (_fieldName, file, metadata, load, error, progress, abort) => {
    const giving = new AbortController()
    const { signal } = giving
    const tell = (done: number): void => progress(true, Math.round(done * 1000), 1000)
    const work = async (): Promise<void> => {
      const view = metadata['truecrop'] as Partial<View> | undefined
      const result = await cropped(file, options, { view, signal, onProgress: (done) => tell(done * RENDERING) })
      const onProgress: UploadOptions['onProgress'] = ({ loaded, total }) =>
        tell(RENDERING + (1 - RENDERING) * (total ? loaded / total : 0))
      const pictures = { [name]: { result, source: sendSource ? file : undefined } }
      const asked = sendSource === 'asked' ? sendSource : undefined
      const uploaded = await upload(pictures, { endpoint, way, headers, retries, signal, onProgress, sendSource: asked })
      onUploaded?.(uploaded)
      load(uploaded.images[name]?.id ?? '')
    }
    work().catch((refused: unknown) => {
      if (!signal.aborted) error(refused instanceof Error ? refused.message : String(refused))
    })
    return {
      abort() {
        giving.abort()
        abort()
      },
    }
  }
  return {
    process,
    revert: options.revert ? action('DELETE', '') : null,
    load: action('GET', '?load='),
    restore: action('GET', '?restore='),
    fetch: null,
  }
}
