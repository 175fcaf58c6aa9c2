/** What a language's table has: the element's labels, and a sentence for each kind of error that a person can meet. */

import type { Labels, Message } from './labels.js'

/**
 * Sentences about errors. The key is the error's code; after a dot, which case of it. `{got}` and `{expected}` are sizes with
 * their units, or numbers of pixels; `{format}` is a format's name, such as HEIC; `{code}` the error's code.
 */
export interface Sentences {
  'empty-source': Message
  'unsupported-format': Message
  'unsupported-format.heic': Message
  'unsupported-format.video': Message
  'unsupported-format.unknown': Message
  /** Formats that are read, in a variant that is not. */
  'unsupported-format.rare': Message
  'damaged-source': Message
  'source-too-large': Message
  'too-many-pixels': Message
  'too-many-pixels.side': Message
  'memory-over-budget': Message
  'max-bytes-unreachable': Message
  /** For every mistake in the page's own settings. */
  'page-mistake': Message
  io: Message
  internal: Message
  'engine-unavailable': Message
  'source-unavailable': Message
  /** For refusals of an upload. */
  refused: Message
  /** For pages that were open for too long: their token has ended, or the server has another version. */
  reload: Message
  /** For servers that are busy, or not there for the moment. */
  'try-later': Message
}

/** Every text of a language. */
export type Table = Labels & Sentences

/** Some texts of a language. What is missing comes from elsewhere. */
export interface Texts extends Partial<Table> {}
