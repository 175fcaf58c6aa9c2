/** The element as a form control: the files it submits, its validity, and the state that survives a restored page. */

import type { Result } from '../client/index.js'
import type { View } from '../protocol.js'
import type { EditorState } from './editing/editor.js'
import type { FirstLabels } from './languages/labels.js'

/** What is kept of a photo for a restored page. Scripts cannot restore the file itself. */
export interface SavedState {
  name: string
  bytes: number
  view: View
  /** The shape of the frame, where there is a choice. */
  frame?: string
  /** Of several crops of the photo, which one. */
  crop?: string
}

/** Where a photo is, or one of the crops of a photo. The same, with the file itself. */
export interface Kept extends Omit<SavedState, 'name' | 'bytes'> {
  file: File
}

/** What is kept of a file: browsers keep none. */
export const toSaved = ({ file: { name, size }, ...place }: Kept): SavedState => ({ ...place, name, bytes: size })

/** Prevents the form from being submitted before the picture is rendered. */
export function setValidity(
  internals: ElementInternals,
  labels: FirstLabels,
  now: { state: EditorState; required: boolean; message: string | undefined; tooFew: string; anchor: HTMLElement },
): void {
  const { state, required, message, tooFew, anchor } = now
  if (state === 'ready' && tooFew) internals.setValidity({ rangeUnderflow: true }, tooFew, anchor)
  else if (state === 'ready' || (state === 'empty' && !required)) internals.setValidity({})
  else if (state === 'empty') internals.setValidity({ valueMissing: true }, labels.required, anchor)
  else if (state === 'failed') internals.setValidity({ customError: true }, message || labels.failed, anchor)
  else internals.setValidity({ customError: true }, labels.rendering, anchor)
}

/** Outside of a page (in Node, in workers) the class can still be imported; only `new` needs a browser. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement

/** The members that every form control has, but for those that reflect attributes. */
export class FormControl extends Base {
  static readonly formAssociated = true
  protected readonly internals = this.attachInternals()
  #formListener: AbortController | undefined
  #results: ReadonlyMap<string, Result> | undefined

  /** Called by the browser when the element's form changes. */
  formAssociatedCallback(form: HTMLFormElement | null): void {
    this.#formListener?.abort()
    this.#formListener = new AbortController()
    form?.addEventListener('formdata', ({ formData }) => this.#appendParts(formData), { signal: this.#formListener.signal })
  }

  /**
   * Sets what the form submits, and what the browser keeps for a restored page. The parts go in by the form's `formdata` event:
   * Chromium forgets the saved text of an element whose value holds files.
   */
  protected setFormValue(results: ReadonlyMap<string, Result> | undefined, saved: readonly SavedState[]): void {
    this.#results = results
    this.internals.setFormValue(null, saved.length > 0 ? JSON.stringify(saved) : null)
  }

  #appendParts(formData: FormData): void {
    if (!this.#results || this.isDisabled) return
    for (const [name, result] of this.#results) {
      for (const [part, value] of result.toFormData(name)) formData.append(part, value)
    }
  }

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
