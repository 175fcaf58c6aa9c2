/** The crop without a user interface, for a component of your own. */

import { type MaybeRefOrGetter, type ShallowRef, onScopeDispose, shallowRef, toValue, watch } from 'vue'
import type { Recipe, Result, View } from '../client/index.js'
import { type CropOptions, CropSession, type CropState } from '../headless/crop-session.js'

export interface UseTrueCrop {
  /** Photo, proxy, view, solved crop, error: a new value after each change. */
  state: Readonly<ShallowRef<CropState>>
  /** What is shown, as a recipe. */
  recipe(): Recipe | undefined
  /** Opens a photo; `null` closes it. */
  open(file: Blob | null, view?: Partial<View>): Promise<void>
  /** Moves the photo: the members that are given, and the others as they were. */
  setView(view: Partial<View>): void
  /** Where the photo was when it was opened. */
  reset(): void
  /** Makes the pictures and their receipt. */
  render(options?: { signal?: AbortSignal; onProgress?: (done: number) => void }): Promise<Result>
}

/**
 * ```ts
 * const { state, open, setView, render } = useTrueCrop({ outputs: [{ name: 'main', width: 512, height: 512, format: 'jpeg' }] })
 * ```
 *
 * Draw `state.proxy` (an `ImageBitmap` of the whole photo) by `state.view`, move it by `setView`, and send `(await render()).toFormData('avatar')`. The photo is
 * closed with the component. Options that change are followed when they are given as a ref or a getter.
 */
export function useTrueCrop(options: MaybeRefOrGetter<CropOptions>): UseTrueCrop {
  // A copy: the session compares with what was before, and a reactive object is the same one before and after.
  const plain = (): CropOptions => JSON.parse(JSON.stringify(toValue(options))) as CropOptions
  const session = new CropSession(plain())
  const state = shallowRef(session.state)
  session.subscribe(() => (state.value = session.state))
  watch(
    () => toValue(options),
    () => session.setOptions(plain()),
    { deep: true },
  )
  onScopeDispose(() => session.close())
  return {
    state,
    recipe: () => session.recipe,
    open: session.open.bind(session),
    setView: session.setView.bind(session),
    reset: session.reset.bind(session),
    render: session.render.bind(session),
  }
}
