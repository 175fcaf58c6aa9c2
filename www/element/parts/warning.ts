/** What is said over the photo while the picture has more pixels than the crop. */

import type { Words } from '../languages/index.js'
import type { Part, PartHost } from './host.js'

export const styles = `
.warning {
  position: absolute; inset-block-start: 10px; left: 50%; translate: -50%; display: flex; align-items: center; gap: 6px; inline-size: max-content;
  max-inline-size: calc(100% - 20px); box-sizing: border-box; padding: 5px 12px 5px 8px; border-radius: 999px; background: #ffd75e; color: #2b2100; font-size: .85em; line-height: 1.3;
}
.warning svg { inline-size: 18px; block-size: 18px; flex: none; }
@media (forced-colors: active) { .warning { border: 1px solid; } }
`

const ICON = 'M12 4 2.5 20h19zM12 10v5M12 17.5h.01'

export function create({ document, icon }: PartHost): Part {
  const root = document.createElement('div')
  const text = document.createElement('span')
  root.className = 'warning'
  root.part.add('warning')
  root.setAttribute('role', 'status')
  root.append(icon(document, ICON), text)
  return {
    root,
    setWords: ({ labels }: Words) => (text.textContent = labels.enlarged),
    update: () => undefined,
  }
}
