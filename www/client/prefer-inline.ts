/** Imported for its effect by the entries in dist/inline: worker and modules come from the page's own scripts. */

import { preferInline } from './inline.js'

preferInline()
