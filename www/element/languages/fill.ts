/** Puts values into messages. */

import type { Message, Values } from './labels.js'

/** The text of a message with its values. `locale` is a language tag. */
export function fill(message: Message, values: Values, locale: string): string {
  const form = typeof message === 'string' ? undefined : new Intl.PluralRules(locale).select(Number(values.count))
  const text = typeof message === 'string' ? message : ((form && message[form]) ?? message.other)
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name]?.toLocaleString(locale) ?? whole)
}
