/**
 * The texts that the element shows or announces. The tables of all languages, English too, are in languages/; a page changes
 * single texts by the element's property `labels`. Here are only those that an empty element shows.
 */

/**
 * A text. `{name}` stands for a value. Where it depends on a number, there is a text for each plural form of the language
 * that it has (the categories of `Intl.PluralRules`), chosen by the value `count`.
 */
export type Message = string | ({ readonly other: string } & { readonly [form in Intl.LDMLPluralRule]?: string })

/** What the names in a message stand for. Numbers are written as the language writes them. */
export type Values = Readonly<Record<string, string | number>>

export interface Labels {
  choose: string
  hint: string
  replace: string
  remove: string
  /** Announced after that. */
  removed: string
  /** Shown while a file is dragged over the element. */
  drop: string
  /** Shown over the photo when the picture has more pixels than the crop. */
  enlarged: string
  /** Said when the crop is smaller than `min-width` and `min-height`: `{width}` and `{height}`. */
  tooFew: Message
  stage: string
  keys: string
  zoom: string
  zoomIn: string
  zoomOut: string
  straighten: string
  crops: string
  aspects: string
  free: string
  handleKeys: string
  topLeft: string
  top: string
  topRight: string
  right: string
  bottomRight: string
  bottom: string
  bottomLeft: string
  left: string
  /** The size of a free frame's picture: `{width}` and `{height}`. */
  size: Message
  turnLeft: string
  turnRight: string
  mirror: string
  upsideDown: string
  reset: string
  undo: string
  redo: string
  moveLeft: string
  moveRight: string
  moveUp: string
  moveDown: string
  /** Of `{name}`. */
  opening: Message
  cancel: string
  ready: string
  result: string
  required: string
  rendering: string
  failed: string
  /** Said after a file that could not be opened, when there is a photo from before. */
  kept: string
  /** What is said, while the photo can be used, of something in it that is not shown. */
  profileIgnored: string
  pagesIgnored: string
  checksumIgnored: string
  'gain-mapIgnored': string
  framesIgnored: string
  restIgnored: string
  /** Said where the browser draws the photo, because the engine cannot run. */
  inexact: string
  /** Said of `{name}` on a page that the browser restored, which cannot restore the photo. */
  restored: Message
  /** Announced to screen readers when the photo has stopped moving: `{left}`, `{top}`, `{zoom}`. */
  position: Message
  /** Added to `position`: `{degrees}`. */
  turned: Message
  /** Added to `position`. */
  mirrored: string
  /** Between the parts of `position`. */
  comma: string
}

/** The texts that an element may show before anything else is loaded. */
export type FirstLabels = Pick<Labels, 'choose' | 'hint' | 'required' | 'rendering' | 'failed'>

export const firstLabels: FirstLabels = {
  choose: 'Choose a photo',
  hint: 'or drop it here, or paste it',
  required: 'Please choose a photo.',
  rendering: 'The picture is being made. One moment, please.',
  failed: 'This photo cannot be used.',
}
