/** Reads what a browser has kept of an element. Loaded when there is something: most pages are not restored. */

import type { View } from '../protocol.js'
import type { SavedState } from './form.js'

/** The photos that were there, as `FormControl.setFormValue` has written them; none for anything else. */
export function parseSavedState(state: string, isView: (value: unknown) => value is View): SavedState[] {
  let list: unknown
  try {
    list = JSON.parse(state)
  } catch {
    // Not a state of this element.
  }
  if (!Array.isArray(list)) return []
  const isText = (text: unknown): boolean => ['string', 'undefined'].includes(typeof text)
  return (list as (Partial<SavedState> | null)[]).filter((each): each is SavedState => {
    const isPhoto = typeof each?.name === 'string' && typeof each.bytes === 'number' && isView(each.view)
    return isPhoto && isText(each.frame) && isText(each.crop)
  })
}
