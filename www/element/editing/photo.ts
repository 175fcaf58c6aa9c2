/** A photo as the editor uses it, whoever decodes it: the engine, or the browser where the engine cannot run. */

import type { Photo } from '../../client/photo.js'

export interface OpenPhoto extends Pick<Photo, 'facts' | 'proxy' | 'solve' | 'render' | 'close'> {
  /** The screen shows what the platform decoded, and the result is made by the server. */
  readonly isInexact?: boolean
}
