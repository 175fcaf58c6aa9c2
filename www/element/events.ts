/** The events of `<true-crop>`. All of them bubble, and leave shadow trees. */

import type { Result } from '../client/index.js'
import type { TruecropError } from '../client/error.js'
import type { Crop, Facts, Recipe, View } from '../protocol.js'

export interface TrueCropEvents {
  /** The photo is open and can be moved. */
  ready: CustomEvent<Facts>
  /** The photo is gone: removed by the person, by a reset of the form, or by a script. */
  empty: CustomEvent<undefined>
  /** The photo was moved. */
  input: CustomEvent<{ view: View; crop: Crop }>
  /** An exact picture is rendered. It is in the form's data; of several crops all are there when the state is `ready`. `crop` is its name; of several photos, its number. */
  change: CustomEvent<{ view: View; recipe: Recipe; result: Result; crop?: string }>
  /** How far the opening or rendering is; `done` is 0 to 1. */
  progress: CustomEvent<{ stage: 'opening' | 'rendering'; done: number }>
  /**
   * A photo could not be opened or rendered. Not named `error`, because that is what trackers of a page's own errors listen to.
   */
  'truecrop-error': CustomEvent<TruecropError>
}
