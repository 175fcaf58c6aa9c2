/**
 * What the element says, in the language of its place in the page: the attribute `lang` of the element or of its nearest
 * ancestor that has one. The texts are loaded when they are needed; an empty element in English needs none.
 */

import { typeRefusal } from '../attributes.js'
import { type FirstLabels, firstLabels } from './labels.js'
import type { Speaker, Texts, Words } from './index.js'

/** English that needs nothing else. British English, for one, may have a table that the page adds. */
const BUILT_IN = /^(en(-us)?)?$/i

export class Speech implements Speaker {
  readonly #element: Element
  readonly onChange: () => void
  #speak: (() => void) | undefined
  #isLoading = false

  words: Words | undefined
  tag = ''
  own: Texts = {}
  /** Whether the texts could not be loaded. */
  failed = false

  /** `onChange` is called when the texts have changed. */
  constructor(element: Element, onChange: () => void) {
    this.#element = element
    this.onChange = onChange
  }

  /** The texts that are there in any case. */
  get first(): FirstLabels {
    return this.words?.labels ?? { ...firstLabels, ...this.own }
  }

  /** Follows the `lang` attributes of the page until the signal aborts. */
  listen(signal: AbortSignal): void {
    const observer = new MutationObserver(() => this.#lookUp())
    for (let root: Node | undefined = this.#element; root; root = hostOf(root)) {
      observer.observe((root = root.getRootNode()), { attributes: true, attributeFilter: ['lang'], subtree: true })
    }
    signal.addEventListener('abort', () => observer.disconnect())
    this.#lookUp()
  }

  /** Puts the page's own texts over those of the language. */
  override(labels: Texts): void {
    this.own = labels
    ;(this.#speak ?? this.onChange)()
  }

  /** Loads the texts, if that has not been begun. */
  need(): void {
    if (!this.#isLoading) void this.#load()
  }

  #lookUp(): void {
    let at: Element | undefined = this.#element
    while (at && !at.hasAttribute('lang')) at = at.parentElement ?? hostOf(at.getRootNode())
    const tag = at?.getAttribute('lang') ?? ''
    if (tag === this.tag) return
    this.tag = tag
    if (this.#speak) this.#speak()
    else if (!BUILT_IN.test(tag)) this.need()
  }

  async #load(): Promise<void> {
    this.#isLoading = true
    try {
      const { teach } = await import('./index.js')
      this.#speak = teach(this)
    } catch {
      // The element goes on with the texts that it has.
      this.failed = true
      this.onChange()
    }
  }
}

/** The element whose shadow tree has this root. */
const hostOf = (root: Node): Element | undefined => (root instanceof ShadowRoot ? root.host : undefined)

const isMessage = (text: unknown): boolean =>
  typeof text === 'string' || typeof (text as { other?: unknown } | null)?.other === 'string'

/** @throws TypeError for a text of the wrong type. Names that are not known are left alone. */
export function checkLabels(labels: unknown): void {
  if (typeof labels !== 'object' || labels === null) throw typeRefusal('labels must be an object', labels)
  for (const [name, text] of Object.entries(labels)) {
    if (text !== undefined && !isMessage(text)) throw typeRefusal(`labels.${name} must be a string`, text)
  }
}
