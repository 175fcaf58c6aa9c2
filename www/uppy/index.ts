/**
 * truecrop for Uppy: before an upload, each photo becomes its crop, and its receipt goes with it in the same form, as truecrop's server and `truecrop/node` take it.
 *
 * ```js
 * new Uppy()
 *   .use(TrueCropUppy, { name: 'avatar', width: 512, height: 512 })
 *   .use(XHRUpload, { endpoint: '/v1/images' })
 * ```
 *
 * Or `.use(Tus, { endpoint: '/v1/tus' })`, or by way of the server's bucket: `.use(AwsS3, uppy.getPlugin('TrueCrop').s3Options())`.
 */

import { BasePlugin, type Body, type Meta, type PluginOpts, type Uppy, type UppyFile } from '@uppy/core'
import { TruecropError, invalidOption } from '../client/error.js'
import type { Result, View } from '../client/index.js'
import { type CropWanted, cropped, outputsOf } from '../uploaders/cropped.js'
import { type Begun, type SignedRequest, announce, begunByTus, complete } from './parts.js'

export { TruecropError } from '../client/error.js'
export type { CropWanted } from '../uploaders/cropped.js'

export interface TrueCropUppyOptions extends PluginOpts, Omit<CropWanted, 'outputs'> {
  /** The picture's name in the form; by default `main`. */
  name?: string
  /** Shown while a photo is cropped. */
  message?: string
  /** For `@uppy/aws-s3`: where the server is, as of `upload`; by default the page's own origin. */
  endpoint?: string | URL
  /** For `@uppy/aws-s3` and `@uppy/tus`: header fields for the server, such as `Authorization`. */
  headers?: Record<string, string>
}

/** What `@uppy/aws-s3` is used with. */
export interface S3Options {
  shouldUseMultipart: false
  allowedMetaFields: []
  generateObjectKey: (file: { id: string }) => string
  signRequest: (request: { key: string }) => Promise<SignedRequest>
}

type Made = Pick<Result, 'receipt' | 'outputs'>

declare module '@uppy/core' {
  // So that `uppy.getPlugin('TrueCrop')` has its type, from Uppy 5 on.
  interface PluginTypeRegistry<M extends Meta, B extends Body> {
    TrueCrop: TrueCropUppy<M, B>
  }
}

export class TrueCropUppy<M extends Meta, B extends Body> extends BasePlugin<TrueCropUppyOptions, M, B> {
  readonly #views = new Map<string, Partial<View>>()
  readonly #results = new Map<string, Made>()
  readonly #aborts = new Map<string, AbortController>()
  /** The photos that crops have taken the place of. */
  readonly #sources = new Map<string, Blob>()
  /** Uploads that were announced, and wait for their file. */
  readonly #begun = new Map<string, Begun>()

  constructor(uppy: Uppy<M, B>, options: TrueCropUppyOptions = {}) {
    super(uppy, options)
    this.id = options.id ?? 'TrueCrop'
    this.type = 'modifier'
    outputsOf(options)
  }

  /** Where a photo is under the frame: for an editor of your own. Its middle when nothing is set. */
  setView(fileID: string, view: Partial<View>): void {
    this.#putBack(fileID)
    this.#results.delete(fileID)
    this.#views.set(fileID, view)
  }

  /** What `<true-crop>` made of a photo (`event.detail.result` of its `change`), so that it is not made again. */
  setResult(fileID: string, result: Made, view?: Partial<View>): void {
    if (result.outputs.length === 0) {
      throw invalidOption('This result has no picture: where WebAssembly cannot run, send the form of the element.', 'result')
    }
    this.#putBack(fileID)
    this.#results.set(fileID, result)
    if (view) this.#views.set(fileID, view)
  }

  /** Where a photo is under the frame, if somebody has said so. */
  viewOf(fileID: string): Partial<View> | undefined {
    return this.#views.get(fileID)
  }

  /** The options of `@uppy/aws-s3`: each file is announced to the server, goes into its bucket, and is judged there. */
  s3Options(): S3Options {
    return {
      shouldUseMultipart: false,
      allowedMetaFields: [],
      generateObjectKey: ({ id }) => id,
      signRequest: async ({ key }) => {
        const receipt = (this.uppy.getFile(key)?.meta as Record<string, unknown> | undefined)?.[this.#receiptName()]
        if (typeof receipt !== 'string') throw invalidOption('This file was not cropped: it has no receipt.', 'receipt')
        const { endpoint, headers, name = 'main' } = this.opts
        const { begun, signed } = await announce(endpoint, headers, name, receipt)
        this.#begun.set(key, begun)
        return signed
      },
    }
  }

  /** The photo of a file, also when its crop has taken its place: to be cropped anew after a refused upload. */
  sourceOf(fileID: string): Blob | undefined {
    const data = this.uppy.getFile(fileID)?.data
    return this.#sources.get(fileID) ?? (data instanceof Blob ? data : undefined)
  }

  /** Puts the photo back in the place of its crop, so that the next upload crops it anew. */
  #putBack(id: string): void {
    const source = this.#sources.get(id)
    const file = source && this.uppy.getFile(id)
    if (!file) return
    const { [this.#receiptName()]: _, ...meta } = file.meta as Record<string, unknown>
    this.uppy.setFileState(id, {
      data: source,
      size: source.size,
      type: source.type,
      meta: meta as unknown as M & { name: string },
    })
    this.#sources.delete(id)
  }

  override install(): void {
    this.uppy.addPreProcessor(this.#prepare)
    this.uppy.addPostProcessor(this.#complete)
    this.uppy.on('file-removed', this.#forget)
    this.uppy.on('cancel-all', this.#forgetAll)
  }

  override uninstall(): void {
    this.uppy.removePreProcessor(this.#prepare)
    this.uppy.removePostProcessor(this.#complete)
    this.uppy.off('file-removed', this.#forget)
    this.uppy.off('cancel-all', this.#forgetAll)
    this.#forgetAll()
  }

  readonly #prepare = async (fileIDs: string[]): Promise<void> => {
    for (const id of fileIDs) {
      const file = this.uppy.getFile(id)
      if (file && file.data instanceof Blob && !this.#isPrepared(file)) await this.#prepareOne(file)
    }
  }

  /** What has come in parts is judged, and the server's answer takes the place of the store's. */
  readonly #complete = async (fileIDs: string[]): Promise<void> => {
    for (const id of fileIDs) {
      const file = this.uppy.getFile(id)
      const begun = this.#begun.get(id) ?? begunByTus(file?.uploadURL)
      if (!file || file.error || !begun) continue
      try {
        const body = { ...file.response?.body, ...(await complete(begun, this.opts.headers)) }
        const response = { status: 200, ...file.response, body }
        this.uppy.setFileState(id, { response: response as unknown as NonNullable<UppyFile<M, B>['response']> })
      } catch (error) {
        const told = error as TruecropError
        this.uppy.emit('upload-error', this.uppy.getFile(id), { name: told.name, message: told.message })
      } finally {
        this.#begun.delete(id)
      }
    }
  }

  #receiptName(): string {
    return `${this.opts.name ?? 'main'}.receipt`
  }

  /** A try again has the picture already. */
  #isPrepared(file: UppyFile<M, B>): boolean {
    return this.#receiptName() in file.meta
  }

  async #prepareOne(file: UppyFile<M, B>): Promise<void> {
    const abort = new AbortController()
    this.#aborts.set(file.id, abort)
    const tell = (value: number): void => {
      const message = this.opts.message ?? 'Cropping'
      this.uppy.emit('preprocess-progress', this.uppy.getFile(file.id), { mode: 'determinate', message, value })
    }
    tell(0)
    try {
      const how = { view: this.#views.get(file.id), signal: abort.signal, onProgress: tell }
      this.#replace(file.id, this.#results.get(file.id) ?? (await cropped(file.data as Blob, this.opts, how)))
      this.uppy.emit('preprocess-complete', this.uppy.getFile(file.id))
    } catch (error) {
      // A file that was removed needs no error. One that is no picture fails alone; the others go on.
      if (abort.signal.aborted) return
      const told = error as TruecropError
      this.uppy.emit('upload-error', this.uppy.getFile(file.id), { name: told.name, message: told.message })
    } finally {
      this.#aborts.delete(file.id)
    }
  }

  /** Puts the crop in the photo's place; its receipt is a field of the form before it. */
  #replace(id: string, { receipt, outputs }: Made): void {
    const [picture] = outputs
    const file = this.uppy.getFile(id)
    if (!picture || !file) return
    if (file.data instanceof Blob) this.#sources.set(id, file.data)
    const ending = picture.name.split('.').pop() ?? 'jpg'
    const name = `${(file.name ?? 'picture').replace(/\.[^.]*$/, '')}.${ending}`
    this.uppy.setFileState(id, {
      data: picture,
      size: picture.size,
      type: picture.type,
      name,
      extension: ending,
      // XHRUpload's own name of the field.
      ...({ xhrUpload: { fieldName: this.opts.name ?? 'main' } } as object),
    })
    this.uppy.setFileMeta(id, { [this.#receiptName()]: receipt, name, type: picture.type } as unknown as M)
  }

  readonly #forget = ({ id }: { id: string }): void => {
    this.#aborts.get(id)?.abort()
    this.#views.delete(id)
    this.#results.delete(id)
    this.#sources.delete(id)
    this.#begun.delete(id)
  }

  readonly #forgetAll = (): void => {
    for (const abort of this.#aborts.values()) abort.abort()
    this.#views.clear()
    this.#results.clear()
    this.#sources.clear()
    this.#begun.clear()
  }
}

export default TrueCropUppy
