/** The module with all formats, and where its file is. */

import * as glue from './wasm/truecrop_all.js'
import { createCore } from './core.js'
import type { CoreGlue } from '../engine/glue.js'

/** The module's file in the package. */
export const allModule = (): URL => new URL('./wasm/truecrop_all_bg.wasm', import.meta.url)

export const core = /* @__PURE__ */ createCore(glue as unknown as CoreGlue, 'all', allModule)
