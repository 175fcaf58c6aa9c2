/** The steps that a person can go back to. Knows nothing of photos or clocks. */

/** Moves of one kind with less than these milliseconds between them are one step. */
const PAUSE_MS = 600
/** Steps that are kept. */
const MOST = 200

export class History<T> {
  #past: T[] = []
  #future: T[] = []
  #kind: unknown
  #time = Number.NEGATIVE_INFINITY

  get canUndo(): boolean {
    return this.#past.length > 0
  }

  get canRedo(): boolean {
    return this.#future.length > 0
  }

  /**
   * Records what was before a move.
   *
   * @param kind what moves: moves of the same kind without a pause are one step; of the same object (a drag) always.
   * @param now milliseconds.
   */
  record(before: T, kind: unknown, now: number): void {
    const isSameStep = kind === this.#kind && (typeof kind === 'object' || now - this.#time < PAUSE_MS)
    this.#kind = kind
    this.#time = now
    this.#future = []
    if (isSameStep && this.canUndo) return
    this.#past.push(before)
    if (this.#past.length > MOST) this.#past.shift()
  }

  /** What was before the last step, which `now` is. */
  undo(now: T): T | undefined {
    return this.#step(this.#past, this.#future, now)
  }

  /** What was after the step that was undone last. */
  redo(now: T): T | undefined {
    return this.#step(this.#future, this.#past, now)
  }

  #step(from: T[], to: T[], now: T): T | undefined {
    const before = from.pop()
    if (before) to.push(now)
    // What comes next is a step of its own.
    this.#kind = undefined
    return before
  }
}
