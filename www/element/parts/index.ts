/** The parts of the element that are loaded when they are needed: `PARTS` says which, when and where they stand. */

import { TruecropError } from '../../client/error.js'
import { enlargement } from '../editing/frame.js'
import type { Words } from '../languages/index.js'
import type { ElementOptions } from '../options.js'
import type { Part, PartHost } from './host.js'

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
  { wanted: () => true, load: () => import('./gestures.js') },
  { wanted: () => true, within: 'stage', early: true, load: () => import('./loading.js') },
  { wanted: (_, host) => host.crops() !== undefined, load: () => import('./crops.js') },
  { wanted: (_, host) => host.photos() !== undefined, load: () => import('./photos.js') },
  { wanted: ({ aspects }) => aspects?.includes('free') === true, within: 'frame', load: () => import('./handles.js') },
  { wanted: ({ aspects }) => (aspects?.length ?? 0) > 1, load: () => import('./aspects.js') },
  {
    wanted: (_, { editor: { framed } }) => framed !== undefined && enlargement(framed) > 1,
    within: 'stage',
    load: () => import('./warning.js'),
  },
  { wanted: ({ straighten }) => straighten, load: () => import('./dial.js') },
  { wanted: ({ controls }) => controls !== 'none', load: () => import('./controls.js') },
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
