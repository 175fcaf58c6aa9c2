/** The module with all formats, also the rare ones; it checks uploads too. */

import { core } from './all-module.js'
import type { Session as OpenSession, Submission as OpenSubmission } from './core.js'

export type * from './core.js'
export { TruecropError } from './core.js'

export const { init, initSync, Session, Submission, engineVersion, pixelsVersion, solveView, convertFrom, convertTo } = core
export type Session = OpenSession
export type Submission = OpenSubmission
export default init
