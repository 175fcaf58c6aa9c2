/**
 * truecrop for Vue 3: the element as a component with `v-model:view` and `v-model:file`, and the crop without a user interface as a composable.
 *
 * ```vue
 * <TrueCrop name="avatar" :width="512" :height="512" required @change="preview = $event.detail.result.outputs[0]" />
 * ```
 */

export { TrueCrop } from './true-crop.js'
export { useTrueCrop } from './use-true-crop.js'
export type { UseTrueCrop } from './use-true-crop.js'
export type { CropOptions, CropState } from '../headless/crop-session.js'
export { TruecropError } from '../client/error.js'
export type { TrueCrop as TrueCropElement } from '../element/true-crop.js'
export type { Crop, Facts, OutputSpec, Recipe, Result, Solved, View } from '../client/index.js'
