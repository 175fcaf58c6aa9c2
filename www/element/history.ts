/** The views that a person can go back to. Knows nothing of photos or clocks. */

import type { View } from '../protocol.js'

/** Moves of one kind with less than these milliseconds between them are one step. */
const PAUSE_MS = 600
/** Steps that are kept. */
const MOST = 200

export class History {
  #past: View[] = []
  #future: View[] = []
  #kind: unknown
  #time = Number.NEGATIVE_INFINITY

  get canUndo(): boolean {
    return this.#past.length > 0
  }

  get canRedo(): boolean {
    return this.#future.length > 0
  }

  /**
   * Records the view before a move.
   *
   * @param kind what moves: moves of the same kind without a pause are one step.
   * @param now milliseconds.
   */
  record(before: View, kind: unknown, now: number): void {
    const isSameStep = kind === this.#kind && now - this.#time < PAUSE_MS
    this.#kind = kind
    this.#time = now
    this.#future = []
    if (isSameStep && this.canUndo) return
    this.#past.push(before)
    if (this.#past.length > MOST) this.#past.shift()
  }

  /** The view before the last step, which `now` is. */
  undo(now: View): View | undefined {
    return this.#step(this.#past, this.#future, now)
  }

  /** The view after the step that was undone last. */
  redo(now: View): View | undefined {
    return this.#step(this.#future, this.#past, now)
  }

  clear(): void {
    this.#past = []
    this.#future = []
    this.#kind = undefined
  }

  #step(from: View[], to: View[], now: View): View | undefined {
    const view = from.pop()
    if (view) to.push(now)
    // What comes next is a step of its own.
    this.#kind = undefined
    return view
  }
}
