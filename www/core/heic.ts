/** The module that reads JPEG and HEIC, and writes JPEG. */

import * as glue from './wasm/truecrop_heic.js'
import { type Session as OpenSession, createCore } from './core.js'
import type { CoreGlue } from '../engine/glue.js'

export type * from './core.js'
export { TruecropError } from './core.js'

const core = /* @__PURE__ */ createCore(
  glue as unknown as CoreGlue,
  'heic',
  () => new URL('./wasm/truecrop_heic_bg.wasm', import.meta.url),
)

export const { init, initSync, Session, engineVersion, pixelsVersion, solveView, convertFrom, convertTo } = core
export type Session = OpenSession
export default init
