/** The module with all formats, also the rare ones. */

import * as glue from './wasm/truecrop_all.js'
import { type Session as OpenSession, createCore } from './core.js'
import type { CoreGlue } from './glue.js'

export type * from './core.js'
export { TruecropError } from './core.js'

const core = /* @__PURE__ */ createCore(
  glue as unknown as CoreGlue,
  'all',
  () => new URL('./wasm/truecrop_all_bg.wasm', import.meta.url),
)

export const { init, initSync, Session, engineVersion, pixelsVersion, solveView, convertFrom, convertTo } = core
export type Session = OpenSession
export default init
