// Tests of throws, of what gives way, and of turns with two fingers.
import { expect, test } from 'vitest'
import { giveWay, speedOf } from './motion.js'
import { Twist } from './twist.js'

test('the photo gives way less and less, to both sides alike, and never as far as there is room', () => {
  const moved = [0, 10, 40, 160, 640, 10_000].map((pulled) => giveWay(pulled, 100))
  expect(moved[0]).toBe(0)
  for (let i = 1; i < moved.length; i += 1) expect(moved[i]).toBeGreaterThan(moved[i - 1] as number)
  expect(Math.max(...moved)).toBeLessThan(100)
  expect(giveWay(10, 100)).toBeLessThan(10)
  expect(giveWay(-40, 100)).toBe(-giveWay(40, 100))
})

const throws: [name: string, samples: [x: number, time: number][], now: number, speed: number][] = [
  [
    'steady',
    [
      [0, 0],
      [10, 10],
      [20, 20],
      [30, 30],
    ],
    30,
    1,
  ],
  [
    'only the end counts',
    [
      [0, 0],
      [0, 100],
      [40, 140],
      [80, 180],
    ],
    185,
    1,
  ],
  [
    'a finger that rests',
    [
      [0, 0],
      [50, 20],
    ],
    100,
    0,
  ],
  ['a tap', [[5, 0]], 1, 0],
  ['nothing', [], 1, 0],
]

test.each(throws)('the speed of a throw: %s', (_, samples, now, speed) => {
  expect(
    speedOf(
      samples.map(([x, time]) => ({ x, y: -x, time })),
      now,
    ),
  ).toEqual({ x: speed, y: speed === 0 ? 0 : -speed })
})

const turns: [name: string, rotate: number, steps: [degrees: number, factor: number][], turned: number][] = [
  ['too little', 0, [[11, 1]], 0],
  ['from the threshold on, without a jump', 10, [[12, 1]], 0],
  ['follows', 10, [[12, 1], [30, 1]], 18], // prettier-ignore
  ['to the left', 10, [[-15, 1], [-30, 1]], -18], // prettier-ignore
  ['a pinch turns less easily', 0, [[25, 2]], 0],
  ['but once it turns it follows', 10, [[13, 1], [25, 2]], 13], // prettier-ignore
  ['drawn to a quarter turn', 80, [[12, 1], [23, 1]], 10], // prettier-ignore
]

test.each(turns)('two fingers: %s', (_, rotate, steps, turned) => {
  const twist = new Twist(rotate)
  const results = steps.map(([degrees, factor]) => twist.turn(degrees, factor))
  expect(results.at(-1)).toBeCloseTo(turned, 9)
})

test('two fingers: half a turn the one way is half a turn the other way', () => {
  const twist = new Twist(10)
  expect(twist.turn(-170, 1)).toBeCloseTo(twist.turn(190, 1), 9)
})
