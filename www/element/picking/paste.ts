/**
 * Which element of a page takes a pasted photo: the one that has the focus, else the one under the pointer, else the one that
 * was used last, else the only one.
 */

interface PasteTarget {
  element: HTMLElement
  enabled: () => boolean
  onFile: (file: File) => void
}

/** The elements that are in the page. */
const targets = new Set<PasteTarget>()
let lastUsed: HTMLElement | undefined

/** Takes photos that are pasted into the page, until the signal aborts. */
export function listenForPaste(
  element: HTMLElement,
  enabled: () => boolean,
  onFile: (file: File) => void,
  signal: AbortSignal,
): void {
  const target = { element, enabled, onFile }
  targets.add(target)
  signal.addEventListener('abort', () => targets.delete(target))
  for (const type of ['focusin', 'pointerdown', 'drop']) {
    element.addEventListener(type, () => (lastUsed = element), { signal })
  }
  const onPaste = (event: ClipboardEvent): void => {
    const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'))
    if (!file || event.defaultPrevented || isEditable(event.composedPath()[0]) || chooseTarget(event) !== target) return
    event.preventDefault()
    onFile(file)
  }
  element.ownerDocument.addEventListener('paste', onPaste, { signal })
}

/** A disabled element that has the focus or the pointer does not pass the photo on to another one. */
function chooseTarget(event: Event): PasteTarget | undefined {
  const all = [...targets]
  const path = event.composedPath()
  const chosen =
    all.find(({ element }) => path.includes(element)) ??
    all.find(({ element }) => element.matches(':hover')) ??
    all.find(({ element }) => element === lastUsed) ??
    (all.length === 1 ? all[0] : undefined)
  return chosen?.enabled() ? chosen : undefined
}

function isEditable(target: EventTarget | undefined): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches('textarea, input:not([type=range], [type=checkbox], [type=radio], [type=button])'))
  )
}
