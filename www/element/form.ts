/** The element as a form control: the files it submits, its validity, and the state that survives a restored page. */

import type { Result } from '../client/index.js'
import type { View } from '../protocol.js'
import type { EditorState } from './editor.js'
import { isView } from './geometry.js'
import type { Labels } from './labels.js'

/** What is kept of a photo for a restored page. Scripts cannot restore the file itself. */
export interface SavedState {
  name: string
  bytes: number
  view: View
}

/** Puts the receipt and the outputs into the form's data, or removes them. `name` names the parts. */
export function setFormValue(
  internals: ElementInternals,
  result: Result | undefined,
  name: string | undefined,
  saved: SavedState | undefined,
): void {
  // The entries of a FormData are submitted under their own names: the receipt first, then each output.
  internals.setFormValue(result ? result.toFormData(name) : null, saved ? JSON.stringify(saved) : null)
}

/** Prevents the form from being submitted before the picture is rendered. */
export function setValidity(
  internals: ElementInternals,
  labels: Labels,
  now: { state: EditorState; required: boolean; message: string | undefined; anchor: HTMLElement },
): void {
  const { state, required, message, anchor } = now
  if (state === 'ready' || (state === 'empty' && !required)) internals.setValidity({})
  else if (state === 'empty') internals.setValidity({ valueMissing: true }, labels.required, anchor)
  else if (state === 'failed') internals.setValidity({ customError: true }, message || labels.failed, anchor)
  else internals.setValidity({ customError: true }, labels.rendering, anchor)
}

/** Reads the state that {@link setFormValue} saved; `undefined` for anything else. */
export function parseSavedState(state: unknown): SavedState | undefined {
  if (typeof state !== 'string') return undefined
  try {
    const value = JSON.parse(state) as Partial<SavedState>
    if (typeof value.name === 'string' && typeof value.bytes === 'number' && isView(value.view)) return value as SavedState
  } catch {
    // Not a state of this element.
  }
  return undefined
}

/** Outside of a page (in Node, in workers) the class can still be imported; only `new` needs a browser. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement

/** The members that every form control has, but for those that reflect attributes. */
export class FormControl extends Base {
  static readonly formAssociated = true
  protected readonly internals = this.attachInternals()

  /** The form that the element belongs to. */
  get form(): HTMLFormElement | null {
    return this.internals.form
  }

  /** As `HTMLInputElement.validity`. */
  get validity(): ValidityState {
    return this.internals.validity
  }

  /** As `HTMLInputElement.validationMessage`. */
  get validationMessage(): string {
    return this.internals.validationMessage
  }

  /** As `HTMLInputElement.willValidate`. */
  get willValidate(): boolean {
    return this.internals.willValidate
  }

  /** As `HTMLInputElement.checkValidity`. */
  checkValidity(): boolean {
    return this.internals.checkValidity()
  }

  /** As `HTMLInputElement.reportValidity`. */
  reportValidity(): boolean {
    return this.internals.reportValidity()
  }

  /** Whether the element or its fieldset is disabled. */
  protected get isDisabled(): boolean {
    return this.matches(':disabled')
  }
}
