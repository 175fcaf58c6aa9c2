/**
 * truecrop for Svelte 4 and 5, where elements are used as they are: this defines `<true-crop>`, and has the crop without a user interface as a store.
 *
 * ```svelte
 * <script>
 *   import 'truecrop/svelte'
 * </script>
 * <true-crop name="avatar" width={512} height={512} required onchange={(event) => (preview = event.detail.result.outputs[0])}></true-crop>
 * ```
 */

import '../element/define.js'
import { type CropOptions, CropSession, type CropState } from '../headless/crop-session.js'

export type { CropOptions, CropState } from '../headless/crop-session.js'
export { TruecropError } from '../client/error.js'
export type { TrueCrop as TrueCropElement, TrueCropEvents } from '../element/true-crop.js'
export type { Crop, Facts, OutputSpec, Recipe, Result, Solved, View } from '../client/index.js'

/** A readable store of the crop, with what moves it. Call `close` in `onDestroy`. */
export type CropStore = Pick<CropSession, 'open' | 'setView' | 'setOptions' | 'reset' | 'render' | 'close'> & {
  subscribe(run: (state: CropState) => void): () => void
}

/**
 * ```svelte
 * const crop = cropStore({ outputs: [{ name: 'main', width: 512, height: 512, format: 'jpeg' }] })
 * onDestroy(crop.close)
 * ```
 *
 * Draw `$crop.proxy` by `$crop.view`, move it by `crop.setView`, and send `(await crop.render()).toFormData('avatar')`.
 */
export function cropStore(options: CropOptions): CropStore {
  const session = new CropSession(options)
  return {
    subscribe(run) {
      run(session.state)
      return session.subscribe(() => run(session.state))
    },
    open: session.open.bind(session),
    setView: session.setView.bind(session),
    setOptions: session.setOptions.bind(session),
    reset: session.reset.bind(session),
    render: session.render.bind(session),
    close: session.close.bind(session),
  }
}
