/**
 * The parts of the element that are loaded when they are needed: `PARTS` says which, when and where they stand. A part imports
 * types alone; what it calls comes by {@link PartHost}. So each part is one file, and the element's first file stays one too.
 */

import { TruecropError } from '../client/error.js'
import type { View } from '../protocol.js'
import type { Editor, Made } from './editor.js'
import type { Kept, SavedState } from './form.js'
import { type Placement, type Shape, enlargement } from './frame.js'
import type { Words } from './languages/index.js'
import type { Navigation } from './navigation.js'
import type { CropOptions, ElementOptions } from './options.js'
import type { Moves } from './parts/moves.js'
import type { Stage } from './stage.js'

/** What a part needs of its element. */
export interface PartHost {
  readonly element: HTMLElement
  readonly document: Document
  readonly editor: Editor
  readonly navigation: Navigation
  readonly stage: Stage
  options(): ElementOptions
  /** The texts, once they are loaded. */
  words(): Words | undefined
  /** A vector in the frame, in source pixels, as a vector in the source. */
  toSource(view: View, u: number, v: number): readonly [number, number]
  /** Draws the stage in the next animation frame. */
  redraw(): void
  /** The part `gestures` sets them. It is loaded before there is a photo. */
  moves?: Moves
  /** Opens the file dialog. */
  openDialog(): void
  /** Announces a text to screen readers. */
  announce(text: string): void
  /** An icon, by its path on a grid of 24 x 24. */
  icon(document: Document, path: string): SVGSVGElement
  /** Several crops of one photo; undefined where the page asks for one. */
  crops(): Crops | undefined
  /** Several photos; undefined where the page asks for one. */
  photos(): Photos | undefined
  /** What there is of several pictures. `last` is the end of the name of one that a part has made. */
  onMade(made: MadeList, last?: string): void
  /** Removes the photo that is open. The part `photos` sets it; else the photo is closed. */
  remove?: () => void
  /** A part could not be loaded. */
  onError(error: TruecropError): void
}

/** What the part `crops` needs of the element. */
export interface Crops {
  readonly list: readonly CropOptions[]
  /** The one that is moved now. */
  readonly active: number
  optionsOf(crop: CropOptions): ElementOptions
  /** Where the photo is at first in a crop. */
  firstPlacement(crop: CropOptions): Placement
  choose(index: number): void
  /** Hears where the photo is in each crop. */
  keep(kept: readonly Kept[]): void
}

/** What the part `photos` needs of the element. */
export interface Photos {
  /** The files that were chosen since it was asked last. */
  takeQueue(): File[]
  /** The shape of the frame now, as the property `frame` says it. */
  frame(): string
  open(file: File, view?: View, frame?: string): void
  firstPlacement(): Placement
  /** Where the browser has kept a file, once. */
  takeSaved(file: File): SavedState | undefined
  /** A shape by its text. */
  shapeOf(frame: string): Shape | undefined
  /** Hears where each photo is. */
  keep(kept: readonly Kept[]): void
}

/** Several pictures by the ends of their names, in the order of the form; undefined for one that is not made yet. */
export type MadeList = readonly (readonly [end: string, made: Made | undefined])[]

export interface Part {
  readonly root?: HTMLElement
  setWords(words: Words): void
  /** Shows the photo that is open. Not called before the part has its words, nor while there is no photo, but for early parts. */
  update(disabled: boolean): void
  /** The element is empty: nothing of what was there counts any more. */
  clear?(): void
}

/** What a part's file exports. */
interface PartModule {
  styles: string
  create(host: PartHost): Part
}

interface Entry {
  wanted(options: ElementOptions, host: PartHost): boolean
  /** Where it lies; else it stands under the stage, in this order. */
  within?: 'frame' | 'stage'
  /** Whether it is there before a photo is. */
  early?: true
  load(): Promise<PartModule>
}

const PARTS: Entry[] = [
  { wanted: () => true, load: () => import('./parts/gestures.js') },
  { wanted: () => true, within: 'stage', early: true, load: () => import('./parts/loading.js') },
  { wanted: (_, host) => host.crops() !== undefined, load: () => import('./parts/crops.js') },
  { wanted: (_, host) => host.photos() !== undefined, load: () => import('./parts/photos.js') },
  { wanted: ({ aspects }) => aspects?.includes('free') === true, within: 'frame', load: () => import('./parts/handles.js') },
  { wanted: ({ aspects }) => (aspects?.length ?? 0) > 1, load: () => import('./parts/aspects.js') },
  {
    wanted: (_, { editor: { framed } }) => framed !== undefined && enlargement(framed) > 1,
    within: 'stage',
    load: () => import('./parts/warning.js'),
  },
  { wanted: ({ straighten }) => straighten, load: () => import('./parts/dial.js') },
  { wanted: ({ controls }) => controls !== 'none', load: () => import('./parts/controls.js') },
]

/** A part and the place for it. */
interface Slot extends Entry {
  place: HTMLElement
  loading?: Promise<void>
  part?: Part
}

export class Parts {
  readonly #root: ShadowRoot
  readonly #host: PartHost
  readonly #slots: Slot[]

  constructor(root: ShadowRoot, host: PartHost) {
    this.#root = root
    this.#host = host
    this.#slots = PARTS.map((entry) => {
      const place = host.document.createElement('div')
      place.className = 'part'
      if (entry.within) (entry.within === 'frame' ? host.stage.frame : host.stage.root).append(place)
      return { ...entry, place }
    })
  }

  /** The places under the stage. */
  get places(): HTMLElement[] {
    return this.#slots.filter(({ within }) => !within).map(({ place }) => place)
  }

  setWords(words: Words): void {
    for (const { part } of this.#slots) part?.setWords(words)
  }

  /** Loads what is needed for a photo, as soon as one is being opened, and shows it when one is there, and its words. */
  update(state: string, hasPhoto: boolean, disabled: boolean): void {
    for (const slot of this.#slots) {
      const wanted = slot.wanted(this.#host.options(), this.#host)
      slot.place.hidden = !wanted || !(hasPhoto || slot.early) || !this.#host.words()
      if (wanted && state !== 'empty') slot.loading ??= this.#load(slot, disabled)
      if (!slot.place.hidden) slot.part?.update(disabled)
      else if (state === 'empty') slot.part?.clear?.()
    }
  }

  /** Resolves when what has begun to load is there, or has failed. */
  async loaded(): Promise<void> {
    await Promise.all(this.#slots.map(({ loading }) => loading))
  }

  async #load(slot: Slot, disabled: boolean): Promise<void> {
    try {
      const { styles, create } = await slot.load()
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(styles)
      this.#root.adoptedStyleSheets.push(sheet)
      const part = create(this.#host)
      slot.part = part
      const words = this.#host.words()
      if (words) part.setWords(words)
      if (part.root) slot.place.append(part.root)
      if (!slot.place.hidden) part.update(disabled)
    } catch (error) {
      const detail = `A part of the element could not be loaded: ${String(error)}`
      this.#host.onError(new TruecropError({ code: 'engine-unavailable', fault: 'environment', detail }))
    }
  }
}
