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

/** Without a document (Node, workers) the class exists and can be imported; only `new` needs a browser. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement

/** What every form control has. */
export class FormControl extends Base {
  static readonly formAssociated = true
  protected readonly internals = this.attachInternals()

  get form(): HTMLFormElement | null {
    return this.internals.form
  }

  /** The element's `name`: also its output's, see the attribute. */
  get name(): string {
    return this.getAttribute('name') ?? ''
  }
  set name(name: string) {
    this.setAttribute('name', name)
  }

  get required(): boolean {
    return this.hasAttribute('required')
  }
  set required(is: boolean) {
    this.toggleAttribute('required', is)
  }

  get disabled(): boolean {
    return this.hasAttribute('disabled')
  }
  set disabled(is: boolean) {
    this.toggleAttribute('disabled', is)
  }

  get validity(): ValidityState {
    return this.internals.validity
  }

  get validationMessage(): string {
    return this.internals.validationMessage
  }

  get willValidate(): boolean {
    return this.internals.willValidate
  }

  checkValidity(): boolean {
    return this.internals.checkValidity()
  }

  reportValidity(): boolean {
    return this.internals.reportValidity()
  }

  /** Disabled by itself or by its fieldset. */
  protected get inactive(): boolean {
    return this.matches(':disabled')
  }
}
