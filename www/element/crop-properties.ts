/** The properties of `<true-crop>` for several crops of one photo, and several photos. What makes and shows them is loaded when there are some. */

import type { Result } from '../client/index.js'
import type { View } from '../protocol.js'
import { parseName, refusal } from './attributes.js'
import { type Kept, type SavedState, toSaved } from './form.js'
import { type Framed, parseShape } from './editing/frame.js'
import { isView } from './editing/geometry.js'
import type { EditorState, Made } from './editing/editor.js'
import type { CropOptions, ElementOptions, OutputOptions } from './options.js'
import { checkCrops } from './options.js'
import type { Crops, MadeList, Photos } from './parts/host.js'
import { ViewProperties } from './view-properties.js'

export abstract class CropProperties extends ViewProperties {
  #crops: readonly CropOptions[] | undefined
  #active = 0
  #made: MadeList = []
  #queue: File[] = []
  /** Of several pictures, what the part that makes them knows. */
  #kept: readonly Kept[] = []
  /** What the browser has kept of photos that were not chosen again yet. */
  protected saved: SavedState[] = []
  /** Reads the options anew, and shows what they change. */
  protected abstract optionsChanged(): void
  protected abstract update(): void
  abstract open(source: File): Promise<void>
  /** The options, or those of a crop with these outputs. */
  protected abstract optionsFor(outputs: readonly OutputOptions[] | undefined): ElementOptions
  protected abstract onOtherMade(end: string, made: Made): void

  /** Several crops of the photo, each with its own place and pictures. The form gets a picture of each: `NAME-CROP`. */
  get crops(): readonly CropOptions[] | undefined {
    return this.#crops
  }
  set crops(crops: readonly CropOptions[] | null | undefined) {
    checkCrops(crops)
    this.#crops = crops ?? undefined
    this.#active = 0
    this.#made = []
    this.optionsChanged()
  }

  /** The name of the crop that is moved now; the empty text where there is only one. */
  get crop(): string {
    return this.activeCrop?.name ?? ''
  }
  set crop(name: string) {
    const index = this.#crops?.findIndex((crop) => crop.name === name) ?? -1
    if (index < 0) throw refusal('crop must be the name of one of the crops', name)
    this.#choose(index)
  }

  /** The finished pictures, by the names that they have in the form. */
  get results(): ReadonlyMap<string, Result> {
    const name = parseName(this.getAttribute('name')) ?? 'main'
    const { result } = this.editor
    if (!this.#isSeveral) return new Map(result ? [[name, result]] : [])
    const results = new Map<string, Result>()
    // Without a photo the part that makes them does not follow.
    if (!this.editor.facts) return results
    for (const [end, made] of this.#made) if (made) results.set(`${name}-${end}`, made.result)
    return results
  }

  /** The pictures, once all are there. */
  protected get allResults(): ReadonlyMap<string, Result> | undefined {
    const { results } = this
    return results.size < Math.max(1, this.#isSeveral ? this.#made.length : 1) ? undefined : results
  }

  /** What the element is doing. `ready`: all pictures are made. */
  get state(): EditorState {
    const { state } = this.editor
    return state === 'ready' && !this.allResults ? 'rendering' : state
  }

  formStateRestoreCallback(state: unknown): void {
    if (typeof state !== 'string') return
    void import('./saved-state.js').then(({ parseSavedState }) => {
      this.saved = parseSavedState(state, isView)
      this.update()
    })
  }

  /** What was saved of a file, and the crop that is moved. */
  protected savedOf({ name, size }: File, crop = this.activeCrop?.name): SavedState | undefined {
    return this.saved.find((each) => each.name === name && each.bytes === size && each.crop === crop)
  }

  /** Where everything is now: what is to be kept when the page or the element goes. */
  protected get kept(): readonly Kept[] {
    const { openFile: file, solved } = this.editor
    if (!file || !solved) return []
    return this.#isSeveral ? this.#kept : [{ file, view: solved.view, frame: this.shownFrame }]
  }

  /** Opens again what was kept. `file` is the one that was open, or was being opened. */
  protected putBack(file: File, kept: readonly Kept[]): void {
    this.saved = kept.map(toSaved)
    if (this.severalPhotos) this.#queue = kept.map((each) => each.file)
    void this.editor.open(file)
  }

  protected get activeCrop(): CropOptions | undefined {
    return this.#crops?.[this.#active]
  }

  /** What the part that makes and shows them needs. */
  protected get severalCrops(): Crops | undefined {
    const list = this.#crops
    return (
      list && {
        list,
        active: this.#active,
        optionsOf: ({ outputs }) => this.optionsFor(outputs),
        firstPlacement: ({ name, view }) => {
          const { openFile } = this.editor
          const saved = openFile && this.savedOf(openFile, name)
          return { view: saved?.view ?? view ?? super.initialView(), shape: undefined }
        },
        choose: (index) => this.#choose(index),
        keep: (kept) => (this.#kept = kept),
      }
    )
  }

  get #isSeveral(): boolean {
    return this.#crops !== undefined || this.multiple
  }

  /** The frames of the pictures that nobody looks at. */
  protected get otherFrames(): (Framed | undefined)[] {
    return this.#isSeveral ? this.#made.map(([, made]) => made?.framed) : []
  }

  protected onMade(made: MadeList, last?: string): void {
    this.#made = made
    const other = made.find(([end]) => end === last)?.[1]
    if (last !== undefined && other) this.onOtherMade(last, other)
  }

  /** Opens files that the person has chosen: the first one or, with `multiple`, all of them. */
  protected async take(files: File[]): Promise<void> {
    const [first] = files
    if (!this.severalPhotos) return first && this.open(first)
    this.#queue.push(...files)
    // The first one that can be opened; the part takes them all.
    while (!this.editor.facts && this.editor.state !== 'opening') {
      const [next] = this.#queue
      if (!next) return
      await this.open(next)
      if (this.editor.openFile !== next) this.#queue = this.#queue.filter((file) => file !== next)
      // Given up, and not refused: that holds for the others too.
      if (this.editor.state === 'empty') this.#queue = []
    }
    this.update()
  }

  protected get severalPhotos(): Photos | undefined {
    if (!this.multiple || this.#crops) return undefined
    return {
      takeQueue: () => this.#queue.splice(0),
      takeSaved: (file) => {
        const saved = this.savedOf(file)
        this.saved = this.saved.filter((each) => each !== saved)
        return saved
      },
      shapeOf: (frame) => parseShape(this.options(), frame, [1, 1]),
      keep: (kept) => (this.#kept = kept),
      firstPlacement: () => ({ view: super.initialView(), shape: undefined }),
      frame: () => this.shownFrame,
      open: (file, view, frame) => {
        this.pendingFrame = frame || undefined
        void this.editor.open(file, view).then(() => {
          if (this.editor.state !== 'opening') this.pendingFrame = undefined
        })
      },
    }
  }

  protected override initialView(): View {
    return this.activeCrop?.view ?? super.initialView()
  }

  #choose(index: number): void {
    if (index === this.#active) return
    this.#active = index
    this.optionsChanged()
  }
}
