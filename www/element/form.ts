/** What the element is to its form: the files it sends, whether it may be sent, and what is kept for a restored page. */

import type { Result } from '../client/index.js'
import type { View } from '../protocol.js'
import type { State } from './editor.js'
import { isView } from './geometry.js'
import type { Labels } from './labels.js'

/** What a restored page can know of a photo: scripts may not put the file itself back. */
export interface Remembered {
  name: string
  bytes: number
  view: View
}

/** Puts the receipt and the outputs into the form's data, or takes them out. */
export function setFormValue(internals: ElementInternals, result: Result | undefined, remembered: Remembered | undefined): void {
  // A list of entries is sent under the entries' own names: receipt first, then each output.
  internals.setFormValue(result ? result.toFormData() : null, remembered ? JSON.stringify(remembered) : null)
}

/** Keeps a form from being sent before the picture is made. */
export function setValidity(
  internals: ElementInternals,
  labels: Labels,
  now: { state: State; required: boolean; message: string | undefined; anchor: HTMLElement },
): void {
  const { state, required, message, anchor } = now
  if (state === 'ready' || (state === 'empty' && !required)) internals.setValidity({})
  else if (state === 'empty') internals.setValidity({ valueMissing: true }, labels.required, anchor)
  else if (state === 'failed') internals.setValidity({ customError: true }, message || labels.failed, anchor)
  else internals.setValidity({ customError: true }, labels.rendering, anchor)
}

/** Reads what {@link setFormValue} kept; `undefined` for anything else. */
export function readRemembered(state: unknown): Remembered | undefined {
  if (typeof state !== 'string') return undefined
  try {
    const value = JSON.parse(state) as Partial<Remembered>
    if (typeof value.name === 'string' && typeof value.bytes === 'number' && isView(value.view)) return value as Remembered
  } catch {
    // Not ours.
  }
  return undefined
}
