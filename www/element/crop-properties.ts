/** The properties of `<true-crop>` for several crops of one photo. What makes and shows them is loaded when there are some. */

import type { Result } from '../client/index.js'
import type { View } from '../protocol.js'
import { parseName, refusal } from './attributes.js'
import type { EditorState, Made } from './editor.js'
import type { CropOptions, ElementOptions, OutputOptions } from './options.js'
import { checkCrops } from './options.js'
import type { Crops } from './parts.js'
import { ViewProperties } from './view-properties.js'

export abstract class CropProperties extends ViewProperties {
  #crops: readonly CropOptions[] | undefined
  #active = 0
  #made: readonly (Made | undefined)[] = []
  /** Reads the options anew, and shows what they change. */
  protected abstract optionsChanged(): void
  /** The options with these outputs. */
  protected abstract optionsFor(outputs: readonly OutputOptions[]): ElementOptions
  protected abstract onCropMade(crop: CropOptions, made: Made): void

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
    if (!this.#crops) return new Map(result ? [[name, result]] : [])
    const results = new Map<string, Result>()
    // Without a photo the part that makes them does not follow.
    if (!this.editor.facts) return results
    this.#crops.forEach((crop, i) => {
      const made = this.#made[i]
      if (made) results.set(`${name}-${crop.name}`, made.result)
    })
    return results
  }

  /** The pictures, once all are there. */
  protected get allResults(): ReadonlyMap<string, Result> | undefined {
    const { results } = this
    return results.size < (this.#crops?.length ?? 1) ? undefined : results
  }

  /** What the element is doing. `ready`: all pictures are made. */
  get state(): EditorState {
    const { state } = this.editor
    return state === 'ready' && !this.allResults ? 'rendering' : state
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
        firstPlacement: ({ view }) => ({ view: view ?? super.initialView(), shape: undefined }),
        choose: (index) => this.#choose(index),
        onMade: (made, index) => {
          this.#made = made
          const [crop, last] = [list[index ?? -1], made[index ?? -1]]
          if (crop && last) this.onCropMade(crop, last)
        },
      }
    )
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
