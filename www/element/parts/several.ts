/** What several crops and several photos share: which pictures still count, and how each is shown. */

import type { Editor, Made } from '../editing/editor.js'
import type { ElementOptions } from '../options.js'

/** One of several pictures. */
export interface Several {
  readonly picture: HTMLElement
  made: Made | undefined
  /** The one that `picture` shows. It stays until there is another. */
  shown: Made | undefined
  url: string | undefined
}

/** What a picture hangs on beside its photo and its place: when it changes, the picture has to be made again. */
export function madeBy({ outputs, background, aspects, minZoom, maxZoom, minWidth, minHeight }: ElementOptions): string {
  return JSON.stringify([outputs, background, aspects, minZoom, String(maxZoom), minWidth, minHeight])
}

/** The picture of what is moved, once it is there. */
export function madeNow(editor: Editor): Made | undefined {
  const { framed, result } = editor
  const recipe = editor.recipe()
  return framed && result && recipe ? { framed, result, recipe } : undefined
}

/** Shows an item's picture, if it has a new one. */
export function showMade(document: Document, item: Several): void {
  const picture = item.made?.result.outputs[0]
  if (!picture || item.made === item.shown) return
  item.shown = item.made
  const image = document.createElement('img')
  image.alt = ''
  if (item.url) URL.revokeObjectURL(item.url)
  image.src = item.url = URL.createObjectURL(picture)
  item.picture.replaceChildren(image)
}
