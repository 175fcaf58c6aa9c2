/** The module that knows JPEG alone. */

import * as glue from './wasm/truecrop_jpeg.js'
import { type Session as OpenSession, createCore } from './core.js'
import type { CoreGlue } from '../engine/glue.js'

export type * from './core.js'
export { TruecropError } from './core.js'

const core = /* @__PURE__ */ createCore(
  glue as unknown as CoreGlue,
  'jpeg',
  () => new URL('./wasm/truecrop_jpeg_bg.wasm', import.meta.url),
)

export const { init, initSync, Session, engineVersion, pixelsVersion, solveView, convertFrom, convertTo } = core
export type Session = OpenSession
export default init
