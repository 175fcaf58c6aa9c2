/** The module with the web's formats: JPEG, PNG, WebP, GIF. */

import * as glue from './wasm/truecrop.js'
import { type Session as OpenSession, createCore } from './core.js'
import type { CoreGlue } from '../engine/glue.js'

export type * from './core.js'
export { TruecropError } from './core.js'

const core = /* @__PURE__ */ createCore(
  glue as unknown as CoreGlue,
  'full',
  () => new URL('./wasm/truecrop_bg.wasm', import.meta.url),
)

export const { init, initSync, Session, engineVersion, pixelsVersion, solveView, convertFrom, convertTo } = core
export type Session = OpenSession
export default init
