/**
 * What makes a drag feel like one of a thing: it gives way beyond the photo's end and springs back (only what is drawn: the view is
 * always within its bounds), and it goes on for a while after a finger lets go. Both are off where people ask for less motion.
 */

import type { View } from '../../protocol.js'
import type { PartHost } from './host.js'

interface Point {
  x: number
  y: number
}

/** A finger's speed counts over these milliseconds. */
const SAMPLE_MS = 90
/** Milliseconds in which a photo that was thrown loses most of its speed. */
const DECAY_MS = 280
/** CSS pixels per millisecond: slower is not a throw, and where a throw ends. */
const [LEAST_SPEED, END_SPEED] = [0.25, 0.02]
const SPRING_MS = 260

/** How far the photo gives way when it is pulled beyond its end: less and less, never as far as `room`. */
export function giveWay(pulled: number, room: number): number {
  return Math.sign(pulled) * room * (1 - 1 / ((Math.abs(pulled) * 0.5) / room + 1))
}

/** The speed of a finger when it lets go, from where it was and when: CSS pixels per millisecond. */
export function speedOf(samples: readonly (Point & { time: number })[], now: number): Point {
  const recent = samples.filter(({ time }) => now - time <= SAMPLE_MS)
  const [first, last] = [recent[0], recent.at(-1)]
  const span = first && last ? last.time - first.time : 0
  // A finger that rests before it lets go does not throw.
  if (!first || !last || span < 8 || now - last.time > 50) return { x: 0, y: 0 }
  return { x: (last.x - first.x) / span, y: (last.y - first.y) / span }
}

export class Motion {
  readonly #host: PartHost
  #samples: (Point & { time: number })[] = []
  #frame = 0

  constructor(host: PartHost) {
    this.#host = host
  }

  get #isOn(): boolean {
    return !this.#host.document.defaultView?.matchMedia('(prefers-reduced-motion: reduce)').matches
  }

  /** A drag begins: what was still moving stops where it is. */
  start(): void {
    this.stop()
    this.#samples = []
  }

  /** Stops a throw and a spring. The frame stays as it is until {@link end}. */
  stop(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
  }

  /** The pointer is at (x, y), and the view that was asked for is `wanted`. Draws how far the photo gives way. */
  pull(x: number, y: number, time: number): void {
    this.#samples.push({ x, y, time })
    if (this.#samples.length > 32) this.#samples.shift()
    if (this.#isOn) this.#host.stage.nudge(this.#overshoot())
  }

  /** Lets go of a photo that was dragged by a finger, from `dragged` on. `move` moves it on; then comes the spring, and `done`. */
  throwOn(dragged: Point, now: number, move: (by: Point) => void, done: () => void): void {
    const speed = this.#isOn ? speedOf(this.#samples, now) : { x: 0, y: 0 }
    const hasEnded = (): boolean => this.#overshoot().x !== 0 || this.#overshoot().y !== 0
    if (Math.hypot(speed.x, speed.y) < LEAST_SPEED || hasEnded()) return this.#finish(done)
    let last: View | undefined
    let start = 0
    const step = (time: number): void => {
      start ||= time
      const { editor } = this.#host
      // Something else has moved the photo.
      if (last && editor.wanted !== last) return this.#finish(done)
      const left = Math.exp((start - time) / DECAY_MS)
      move({ x: dragged.x + speed.x * DECAY_MS * (1 - left), y: dragged.y + speed.y * DECAY_MS * (1 - left) })
      last = editor.wanted
      if (hasEnded() || Math.hypot(speed.x, speed.y) * left < END_SPEED) this.#finish(done)
      else this.#frame = requestAnimationFrame(step)
    }
    this.#frame = requestAnimationFrame(step)
  }

  #finish(done: () => void): void {
    done()
    this.spring()
  }

  /** Brings the photo back to where its view says. */
  spring(): void {
    const { stage } = this.#host
    const from = stage.nudged
    const start = performance.now()
    if (from.x === 0 && from.y === 0) return
    const step = (now: number): void => {
      const part = this.#isOn ? Math.min(1, Math.max(0, now - start) / SPRING_MS) : 1
      const left = (1 - part) ** 3
      stage.nudge({ x: from.x * left, y: from.y * left })
      this.#host.redraw()
      this.#frame = part < 1 ? requestAnimationFrame(step) : 0
    }
    this.#frame = requestAnimationFrame(step)
  }

  /** How far the photo is drawn beyond its view, in CSS pixels. */
  #overshoot(): Point {
    const { editor, stage, toSource } = this.#host
    const { solved, wanted, facts } = editor
    if (!solved || !facts) return { x: 0, y: 0 }
    const dx = (solved.view.center.x - wanted.center.x) * facts.width
    const dy = (solved.view.center.y - wanted.center.y) * facts.height
    const scale = stage.box.width / solved.crop.width
    const along = ([x, y]: readonly [number, number], room: number): number => {
      const pulled = (x * dx + y * dy) * scale
      return Math.abs(pulled) < 1 ? 0 : giveWay(pulled, room / 2)
    }
    return {
      x: along(toSource(solved.view, 1, 0), stage.box.width),
      y: along(toSource(solved.view, 0, 1), stage.box.height),
    }
  }
}
