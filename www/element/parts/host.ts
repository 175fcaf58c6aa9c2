/**
 * What a part of the element has of the element, and the element of a part. A part imports types alone; what it calls comes by
 * {@link PartHost}. So each part is one file, and the element's first file stays one too.
 */

import type { TruecropError } from '../../client/error.js'
import type { View } from '../../protocol.js'
import type { Editor, Made } from '../editing/editor.js'
import type { Kept, SavedState } from '../form.js'
import type { Placement, Shape } from '../editing/frame.js'
import type { Words } from '../languages/index.js'
import type { Navigation } from '../editing/navigation.js'
import type { CropOptions, ElementOptions } from '../options.js'
import type { Stage } from '../screen/stage.js'

/** What a part needs of its element. */
export interface PartHost {
  readonly element: HTMLElement
  readonly document: Document
  readonly editor: Editor
  readonly navigation: Navigation
  readonly stage: Stage
  options(): ElementOptions
  /** The texts, once they are loaded. */
  words(): Words | undefined
  /** A vector in the frame, in source pixels, as a vector in the source. */
  toSource(view: View, u: number, v: number): readonly [number, number]
  /** Draws the stage in the next animation frame. */
  redraw(): void
  /** The part `gestures` sets them. It is loaded before there is a photo. */
  moves?: MoveCommands
  /** Opens the file dialog. */
  openDialog(): void
  /** Announces a text to screen readers. */
  announce(text: string): void
  /** An icon, by its path on a grid of 24 x 24. */
  icon(document: Document, path: string): SVGSVGElement
  /** Several crops of one photo; undefined where the page asks for one. */
  crops(): Crops | undefined
  /** Several photos; undefined where the page asks for one. */
  photos(): Photos | undefined
  /** What there is of several pictures. `last` is the end of the name of one that a part has made. */
  onMade(made: MadeList, last?: string): void
  /** Removes the photo that is open. The part `photos` sets it; else the photo is closed. */
  remove?: () => void
  /** A part could not be loaded. */
  onError(error: TruecropError): void
}

/** What the part `crops` needs of the element. */
export interface Crops {
  readonly list: readonly CropOptions[]
  /** The one that is moved now. */
  readonly active: number
  optionsOf(crop: CropOptions): ElementOptions
  /** Where the photo is at first in a crop. */
  firstPlacement(crop: CropOptions): Placement
  choose(index: number): void
  /** Hears where the photo is in each crop. */
  keep(kept: readonly Kept[]): void
}

/** What the part `photos` needs of the element. */
export interface Photos {
  /** The files that were chosen since it was asked last. */
  takeQueue(): File[]
  /** The shape of the frame now, as the property `frame` says it. */
  frame(): string
  open(file: File, view?: View, frame?: string): void
  firstPlacement(): Placement
  /** Where the browser has kept a file, once. */
  takeSaved(file: File): SavedState | undefined
  /** A shape by its text. */
  shapeOf(frame: string): Shape | undefined
  /** Hears where each photo is. */
  keep(kept: readonly Kept[]): void
}

/** Several pictures by the ends of their names, in the order of the form; undefined for one that is not made yet. */
export type MadeList = readonly (readonly [end: string, made: Made | undefined])[]

export interface Part {
  readonly root?: HTMLElement
  setWords(words: Words): void
  /** Shows the photo that is open. Not called before the part has its words, nor while there is no photo, but for early parts. */
  update(disabled: boolean): void
  /** The element is empty: nothing of what was there counts any more. */
  clear?(): void
}

/** What a key or a button does. */
export type Action =
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'in'
  | 'out'
  | 'least'
  | 'greatest'
  | 'reset'
  | 'undo'
  | 'redo'
  | 'turnLeft'
  | 'turnRight'
  | 'mirror'
  | 'upsideDown'

/** What buttons and sliders ask for, beside gestures and keys. */
export interface MoveCommands {
  /** Zooms around the frame's centre. */
  zoomTo(zoom: number): void
  /** `big`: in larger steps. */
  act(action: Action, big: boolean): void
}
