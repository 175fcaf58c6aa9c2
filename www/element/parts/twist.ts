/** Turning the photo with two fingers. */

/** Degrees that the fingers turn before the photo does: a pinch is never quite straight. */
const THRESHOLD = 12
/** Further degrees for each doubling of the fingers' distance: who pinches does not want to turn. */
const PER_DOUBLING = 18
/** A turn is drawn to the quarter turns within these degrees. */
const SNAP = 2

export class Twist {
  readonly #rotate: number
  #slack = 0

  /** @param rotate the photo's degrees when the fingers came down. */
  constructor(rotate: number) {
    this.#rotate = rotate
  }

  /** The degrees by which the photo turns when the fingers have turned by `degrees`, and their distance grew by `factor`. */
  turn(degrees: number, factor: number): number {
    const turned = degrees - 360 * Math.round(degrees / 360)
    const threshold = THRESHOLD + PER_DOUBLING * Math.abs(Math.log2(factor))
    if (this.#slack === 0 && Math.abs(turned) < threshold) return 0
    // From here on it follows: nothing jumps.
    this.#slack ||= Math.sign(turned) * threshold
    const rotate = this.#rotate + turned - this.#slack
    const quarter = Math.round(rotate / 90) * 90
    return (Math.abs(rotate - quarter) < SNAP ? quarter : rotate) - this.#rotate
  }
}
