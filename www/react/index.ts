/**
 * truecrop for React 18 and 19: the element as a component, and the crop without a user interface as a hook.
 *
 * ```tsx
 * <form action={save}>
 *   <TrueCrop name="avatar" width={512} height={512} required onChange={({ detail }) => setPreview(detail.result.outputs[0])} />
 * </form>
 * ```
 */

export { TrueCrop } from './true-crop.js'
export type { TrueCropProps } from './true-crop.js'
export type { TrueCropAttributes } from './intrinsic.js'
export { useTrueCrop } from './use-true-crop.js'
export type { UseTrueCrop } from './use-true-crop.js'
export type { CropOptions, CropState } from '../headless/crop-session.js'
export { TruecropError } from '../client/error.js'
export type { TrueCrop as TrueCropElement } from '../element/true-crop.js'
export type { Crop, Facts, OutputSpec, Recipe, Result, Solved, View } from '../client/index.js'
