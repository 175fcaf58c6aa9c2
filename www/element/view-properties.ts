/** The properties of `<true-crop>` that follow the open photo: where it is under the frame. */

import type { Flip, View } from '../protocol.js'
import { checkOptional, parseRotate, refusal } from './attributes.js'
import { type Editor, INITIAL_VIEW } from './editing/editor.js'
import { parseShape } from './editing/frame.js'
import { isView } from './editing/geometry.js'
import type { ElementOptions } from './options.js'
import type { Navigation } from './editing/navigation.js'
import { AttributeProperties, getChoice, setText } from './properties.js'

export abstract class ViewProperties extends AttributeProperties {
  protected abstract readonly editor: Editor
  protected abstract readonly navigation: Navigation
  /** A view that was set while no photo was open. */
  protected pendingView: View | undefined
  /** A shape that was set while no photo was open. */
  protected pendingFrame: string | undefined
  protected abstract options(): ElementOptions

  /**
   * Where the photo is under the frame. The same view always gives the same crop, whatever the element's size. A view that
   * is set before a photo is open is the first view of the next photo.
   */
  get view(): View | undefined {
    return this.editor.solved?.view
  }
  set view(view: View | undefined) {
    checkView(view)
    if (this.editor.setFirstView(view)) return
    if (!this.editor.solved) this.pendingView = view
    else this.navigation.moveTo(view ?? this.initialView())
  }

  /**
   * Degrees clockwise. The attribute is the rotation that a photo starts with, as the attribute `value` of an
   * `HTMLInputElement` is its first value. While a photo is open the property is its rotation, and setting it leaves the
   * attribute as it is; before that it reflects the attribute.
   */
  get rotate(): number {
    return this.#currentView().rotate
  }
  set rotate(degrees: number | null | undefined) {
    checkOptional('rotate', degrees)
    if (this.editor.solved) this.navigation.rotateTo(Number(degrees ?? 0))
    else setText(this, 'rotate', degrees)
  }

  /** Mirrors the photo; applied before the rotation. Reflects the attribute in the same way as {@link rotate}. */
  get flip(): Flip {
    return this.#currentView().flip
  }
  set flip(flip: Flip | null | undefined) {
    checkOptional('flip', flip)
    if (this.editor.solved) this.navigation.moveTo({ ...this.editor.wanted, flip: flip || 'none' })
    else setText(this, 'flip', flip)
  }

  /**
   * The shape that is chosen of {@link aspects}, such as `4:3`; of a free frame the output's size, such as `412:307`. Setting it chooses:
   * one of the list, `free`, or the sides of a free frame. Before a photo is open it is what the next one starts with. The empty
   * text where there is no choice.
   */
  get frame(): string {
    return this.pendingFrame ?? this.shownFrame
  }
  set frame(frame: string | null | undefined) {
    const text = frame || this.aspects.split(' ')[0] || ''
    const shape = parseShape(this.options(), text, this.editor.aspect)
    if (frame && shape === undefined) throw refusal('frame must be one of the attribute aspects', frame)
    if (this.editor.solved) this.navigation.moveTo(this.editor.wanted, {}, shape)
    else this.pendingFrame = frame || undefined
  }

  /** The frame of the photo that is open, also while another one is being opened. */
  protected get shownFrame(): string {
    const { shape, framed } = this.editor
    return (typeof shape === 'number' ? framed?.aspect : shape)?.join(':') ?? ''
  }

  /** Whether there is a step to take back. */
  get canUndo(): boolean {
    return this.navigation.canUndo
  }

  /** Whether there is a step that was taken back. */
  get canRedo(): boolean {
    return this.navigation.canRedo
  }

  /** Takes back the last step. */
  undo(): void {
    this.navigation.undo()
  }

  /** Does again the step that was taken back last. */
  redo(): void {
    this.navigation.redo()
  }

  /** Goes back to the view that the photo started with. Can be undone. */
  reset(): void {
    this.navigation.reset()
  }

  /** Closes the photo, as `file = null` does. */
  clear(): void {
    this.editor.close()
  }

  /** The view that a photo starts with. */
  protected initialView(): View {
    const rotate = parseRotate(this.getAttribute('rotate')) ?? 0
    return { ...INITIAL_VIEW, rotate, flip: getChoice(this, 'flip') }
  }

  /** The view that the person wants; when no photo is open, the one that the next photo starts with. */
  #currentView(): View {
    return this.editor.solved ? this.editor.wanted : this.initialView()
  }
}

/** @throws TypeError for what is not a view. `undefined` is allowed. */
export function checkView(view: unknown): void {
  if (view !== undefined && !isView(view))
    throw new TypeError('view must be {zoom, center: {x, y}, rotate, flip} with finite numbers and a zoom above 0')
}
