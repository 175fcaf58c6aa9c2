/**
 * truecrop's editor for Uppy's Dashboard: a person moves the photo under the frame, where Uppy's own editor would be.
 *
 * ```js
 * new Uppy()
 *   .use(Dashboard, { inline: true, target: '#files' })
 *   .use(TrueCropUppy, { name: 'avatar', width: 512, height: 512 })
 *   .use(TrueCropEditor)
 * ```
 */

import { type Body, type Meta, type PluginOpts, UIPlugin, type Uppy, type UppyFile } from '@uppy/core'
import { h } from 'preact'
import '../element/define.js'
import { TruecropError } from '../client/error.js'
import type { View } from '../client/index.js'
import type { TrueCrop } from '../element/true-crop.js'
import { outputsOf } from '../uploaders/cropped.js'
import type { TrueCropUppy } from './index.js'

export interface TrueCropEditorOptions extends PluginOpts {
  /** Where the editor is shown; by default in the Dashboard. */
  target?: string | Element
  /** The `id` of the plugin that makes the crops; by default `TrueCrop`. */
  crops?: string
  /** The element's language; by default that of the page. */
  lang?: string
}

export class TrueCropEditor<M extends Meta, B extends Body> extends UIPlugin<TrueCropEditorOptions, M, B> {
  override readonly title = 'truecrop'
  #element: TrueCrop | undefined
  #fileID: string | undefined
  /** Addresses of previews that nobody else revokes. */
  readonly #previews = new Map<string, string>()

  constructor(uppy: Uppy<M, B>, options: TrueCropEditorOptions = {}) {
    super(uppy, options)
    this.id = options.id ?? 'TrueCropEditor'
    this.type = 'editor'
  }

  override install(): void {
    // Without a target the Dashboard finds it.
    if (this.opts.target) this.mount(this.opts.target, this)
    this.uppy.on('file-removed', this.#forget)
    this.uppy.on('file-editor:cancel' as 'file-removed', this.#close)
  }

  override uninstall(): void {
    this.uppy.off('file-removed', this.#forget)
    this.uppy.off('file-editor:cancel' as 'file-removed', this.#close)
    for (const url of this.#previews.values()) URL.revokeObjectURL(url)
    this.#previews.clear()
    this.unmount()
  }

  /** For the Dashboard: whether it offers to edit a file. */
  canEditFile(file: UppyFile<M, B> | undefined): boolean {
    // The Dashboard also asks of files that are gone.
    return file !== undefined && !file.isRemote && /^image\//.test(file.type ?? '') && !file.progress.uploadComplete
  }

  /** For the Dashboard: a file is opened to be edited. */
  selectFile(file: UppyFile<M, B>): void {
    this.#fileID = file.id
    this.uppy.emit('file-editor:start' as 'file-removed', file)
    this.#open()
  }

  /** For the Dashboard: what was chosen counts. */
  save(): void {
    const [id, element] = [this.#fileID, this.#element]
    const file = id === undefined ? undefined : this.uppy.getFile(id)
    if (id === undefined || !element || !file) return
    const { result, view } = element
    if (result && result.outputs.length > 0) {
      this.#crops.setResult(id, result, view)
      this.#preview(id, result.outputs[0] as File)
    } else if (view) {
      this.#crops.setView(id, view)
    }
    this.uppy.emit('file-editor:complete' as 'file-removed', this.uppy.getFile(id))
    this.#close()
  }

  override render(): unknown {
    return h('div', { class: 'truecrop-uppy-editor', ref: this.#hold })
  }

  get #crops(): TrueCropUppy<M, B> {
    const plugin = this.uppy.getPlugin(this.opts.crops ?? 'TrueCrop') as TrueCropUppy<M, B> | undefined
    if (plugin) return plugin
    throw new TruecropError({
      code: 'invalid-option',
      fault: 'caller',
      detail: 'The editor needs the plugin TrueCropUppy beside it.',
      field: 'crops',
    })
  }

  /** The Dashboard shows the panel, or takes it away. */
  readonly #hold = (place: Element | null): void => {
    this.#element?.remove()
    this.#element = undefined
    if (!place) return
    const element = document.createElement('true-crop') as TrueCrop
    const { opts } = this.#crops
    element.outputs = outputsOf(opts)
    if (opts.background !== undefined) element.background = opts.background
    if (this.opts.lang !== undefined) element.lang = this.opts.lang
    place.append(element)
    this.#element = element
    this.#open()
  }

  #open(): void {
    const [id, element] = [this.#fileID, this.#element]
    if (id === undefined || !element) return
    const source = this.#crops.sourceOf(id)
    // What cannot be opened is said by the element.
    if (source) element.open(source, this.#crops.viewOf(id) as View | undefined).catch(() => undefined)
  }

  readonly #close = (): void => {
    this.#fileID = undefined
    this.#element?.clear()
  }

  #preview(id: string, picture: File): void {
    this.#revoke(id)
    const url = URL.createObjectURL(picture)
    this.#previews.set(id, url)
    this.uppy.setFileState(id, { preview: url })
  }

  #revoke(id: string): void {
    const url = this.#previews.get(id)
    if (url) URL.revokeObjectURL(url)
    this.#previews.delete(id)
  }

  readonly #forget = ({ id }: { id: string }): void => {
    this.#revoke(id)
    if (id === this.#fileID) this.#close()
  }
}

export default TrueCropEditor
