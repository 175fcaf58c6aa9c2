/** Types of `<true-crop>` itself in JSX, with its attributes: for pages that need no component, such as those that a server renders alone. */

import type { DetailedHTMLProps, HTMLAttributes } from 'react'
import type { PROPERTIES } from '../element/attributes.js'
import type { TrueCrop } from '../element/true-crop.js'

type Names = typeof PROPERTIES

/** A number may be written as a text, as in HTML. */
type AttributeValue<Value> = Value extends number ? number | string : Value

/** What `<true-crop>` may have in JSX, by the names of HTML: `max-bytes`, and not `maxBytes`. */
export type TrueCropAttributes = { [Name in keyof Names]?: AttributeValue<TrueCrop[Names[Name]]> | undefined } & Omit<
  DetailedHTMLProps<HTMLAttributes<TrueCrop>, TrueCrop>,
  keyof Names
>

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'true-crop': TrueCropAttributes
    }
  }
}
