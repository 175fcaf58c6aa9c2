/** The element's texts in one language, with what they say of a photo: names, places, sizes, errors. */

import type { Facts, Ignored, Solved } from '../../protocol.js'
import type { Aspect } from '../editing/geometry.js'
import type { Labels, Message, Values } from './labels.js'
import { type ErrorFacts, describe } from './errors.js'
import { fill } from './fill.js'
import type { Table, Texts } from './table.js'

/** The texts for a language tag. */
export interface Language {
  /** The tag that was asked for: numbers are written in its way. English where no table is known. */
  readonly locale: string
  /** The tag of the table. */
  readonly tag: string
  readonly direction: 'ltr' | 'rtl'
  readonly texts: Table
}

/** What is known of a photo, and is worth a note. */
export interface Notable {
  isInexact: boolean
  facts: Facts | undefined
  result: { truncated: boolean } | undefined
  ignored: readonly Ignored[] | undefined
}

export class Words {
  readonly language: Language
  readonly labels: Labels
  readonly #texts: Table

  /** `own` are texts of the page, which win. */
  constructor(language: Language, own: Texts = {}) {
    this.language = language
    this.labels = this.#texts = { ...language.texts, ...own }
  }

  /** The text of a message with its values. */
  say(message: Message, values: Values): string {
    const { locale, direction } = this.language
    return fill(message, direction === 'rtl' ? isolated(values) : values, locale)
  }

  percent(part: number): string {
    return part.toLocaleString(this.language.locale, { style: 'percent' })
  }

  degrees(degrees: number): string {
    const style = { style: 'unit', unit: 'degree', unitDisplay: 'narrow', maximumFractionDigits: 1 } as const
    return degrees.toLocaleString(this.language.locale, style)
  }

  /** Where the photo is, for those who cannot see it. `pixels` is the size of a free frame's picture. */
  position({ view, crop }: Solved, facts: Facts, pixels?: Aspect): string {
    const { position, turned, mirrored, size, comma } = this.labels
    const [left, top] = [this.percent(crop.x / facts.width), this.percent(crop.y / facts.height)]
    const degrees = Math.round((view.rotate > 180 ? view.rotate - 360 : view.rotate) * 10) / 10
    const parts = [
      this.say(position, { left, top, zoom: this.percent(view.zoom) }),
      degrees && this.say(turned, { degrees: this.degrees(degrees) }),
      view.flip !== 'none' && mirrored,
      pixels && this.say(size, { width: pixels[0], height: pixels[1] }),
    ]
    return parts.filter(Boolean).join(comma)
  }

  /** What is said, while a photo can be used, of something in it that is not shown. */
  notes({ isInexact, facts, result, ignored }: Notable): string {
    const { inexact, framesIgnored, restIgnored } = this.labels
    const notes = [isInexact && inexact, facts?.animated && framesIgnored, result?.truncated && restIgnored]
    return [...notes, ...(ignored ?? []).map((what) => this.labels[`${what}Ignored`])].filter(Boolean).join(' ')
  }

  /** Which files are to be chosen again on a restored page. */
  restored(names: readonly string[]): string {
    const list = new Intl.ListFormat(this.language.locale).format(new Set(names))
    return this.say(this.labels.restored, { name: list })
  }

  /** A sentence about an error of the engine, the element or the server (its problem JSON): by its code and figures. */
  explain(error: ErrorFacts): string {
    const { key, values } = describe(error, this.language.locale)
    const text = this.say(this.#texts[key], values)
    // A figure that is missing would leave a hole in the sentence.
    return /\{\w+\}/.test(text) ? this.labels.failed : text
  }
}

/** Names of files run in their own direction, and must not turn the sentence around them. */
function isolated(values: Values): Values {
  const entries = Object.entries(values)
  return Object.fromEntries(entries.map(([name, value]) => [name, typeof value === 'string' ? `\u2068${value}\u2069` : value]))
}
