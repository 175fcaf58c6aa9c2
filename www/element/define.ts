/**
 * Defines `<true-crop>` where the platform has custom elements that take part in forms. Elsewhere importing this file does nothing: in Node, and in jsdom
 * and happy-dom, where the element then is one without a class, which renders nothing.
 */

import { TrueCrop } from './true-crop.js'

export { TrueCrop }
export type { TrueCropEvents } from './true-crop.js'
export type { EditorState } from './editing/editor.js'
export type { CropOptions, OutputOptions } from './options.js'
export type { Labels } from './languages/labels.js'
export type { Texts } from './languages/table.js'
export { TruecropError } from '../client/error.js'

const takesPartInForms = 'setFormValue' in (globalThis.ElementInternals?.prototype ?? {})

if (takesPartInForms && !customElements.get('true-crop')) customElements.define('true-crop', TrueCrop)

/**
 * A component for React's server components, where an import for its effect alone does not reach the browser: rendering this
 * one brings this file there. It renders nothing, and needs nothing of React.
 */
export const DefineTrueCrop = (): null => null
