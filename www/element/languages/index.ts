/**
 * The languages of the element: loaded with the first text that is not one of its English labels. Pages import it as
 * `truecrop/languages`, to add a language, or to tell people of a server's refusal in their own.
 */

import type { ErrorFacts } from './errors.js'
import en from './en.js'
import type { Table, Texts } from './table.js'
import { type Language, Words } from './words.js'

export type { ErrorFacts } from './errors.js'
export type { Sentences, Table, Texts } from './table.js'
export { type Language, Words } from './words.js'
export type { Labels, Message } from './labels.js'

/** A table, or a function that loads one. What it lacks is English. */
export type TableSource = Texts | (() => Promise<Texts>)

const load = async (chunk: Promise<{ default: Table }>): Promise<Table> => (await chunk).default

const tables = new Map<string, TableSource>([
  ['ar', () => load(import('./ar.js'))],
  ['de', () => load(import('./de.js'))],
  ['en', en],
  ['es', () => load(import('./es.js'))],
  ['fr', () => load(import('./fr.js'))],
  ['ja', () => load(import('./ja.js'))],
  ['ko', () => load(import('./ko.js'))],
  ['pt', () => load(import('./pt.js'))],
  ['zh', () => load(import('./zh.js'))],
])

/** Scripts that run from right to left, by the languages that are written in them. */
const RIGHT_TO_LEFT = /^(ar|arc|ckb|dv|fa|he|ks|nqo|ps|sd|syr|ug|ur|yi)\b|-(arab|hebr|thaa)\b/i

const english: Language = { locale: 'en', tag: 'en', direction: 'ltr', texts: en }

/** An element, as far as its texts are concerned. */
export interface Speaker {
  /** The tag of its place in the page. */
  readonly tag: string
  /** The page's own texts, which win. */
  readonly own: Texts
  /** The texts; `undefined` while they are not loaded. */
  words: Words | undefined
  /** Called when they have changed. */
  onChange(): void
}

const speakers = new Set<WeakRef<() => void>>()

/**
 * Adds a language, or replaces one. Elements that show it change at once.
 *
 * @throws RangeError for what is not a language tag.
 */
export function addLanguage(tag: string, table: TableSource): void {
  const [known] = Intl.getCanonicalLocales(tag)
  tables.set(String(known).toLowerCase(), table)
  for (const reference of speakers) {
    const speak = reference.deref()
    if (speak) speak()
    else speakers.delete(reference)
  }
}

/** The tags that have a table. */
export const languages = (): string[] => [...tables.keys()]

/**
 * Loads the texts for a tag: its own table, else the one of a shorter tag (`pt` for `pt-BR`), else English. Never rejects: a
 * table that cannot be loaded counts as absent.
 */
export async function loadLanguage(tag: string): Promise<Language> {
  const locale = canonical(tag)
  for (let name = locale; name; name = name.replace(/-?[^-]*$/, '')) {
    const source = tables.get(name.toLowerCase())
    const table = await (typeof source === 'function' ? source().catch(() => undefined) : source)
    if (table) return { locale, tag: name, direction: RIGHT_TO_LEFT.test(name) ? 'rtl' : 'ltr', texts: { ...en, ...table } }
  }
  return english
}

/** The tag as it is usually written; none for what is no tag. */
function canonical(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? ''
  } catch {
    return ''
  }
}

/** A sentence for a person about an error of the engine, the element or the server (its problem JSON). It says what to do. */
export async function explainError(error: ErrorFacts, tag: string): Promise<string> {
  return new Words(await loadLanguage(tag)).explain(error)
}

/**
 * Gives an element its words, also when a language is added. Call the function that is returned when its tag or its own texts
 * have changed; the element must keep it.
 */
export function teach(speaker: Speaker): () => void {
  /** What was loaded last, and for which tag. */
  let known: { tag: string; language: Language } | undefined
  const change = (): void => {
    if (known?.tag !== speaker.tag) return
    speaker.words = new Words(known.language, speaker.own)
    speaker.onChange()
  }
  const speak = (): void => {
    // What is there already changes at once.
    change()
    const { tag } = speaker
    void loadLanguage(tag).then((language) => {
      if (tag !== speaker.tag) return
      known = { tag, language }
      change()
    })
  }
  speakers.add(new WeakRef(speak))
  speak()
  return speak
}
