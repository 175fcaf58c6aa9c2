// Tests of the display's solver against the core's test vectors.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Crop, Solved, View } from '../../protocol.js'
import { type Aspect, solve, toSource, turn } from './geometry.js'
import { panned, toggleFlip, zoomedAt } from '../parts/moves.js'

interface Vector extends Solved {
  name: string
  source: { width: number; height: number }
  aspect: [number, number]
  bounds: 'cover' | 'contain'
  wanted: View
}

const vectors = JSON.parse(readFileSync(new URL('../../../tests/vectors/view.json', import.meta.url), 'utf8')) as Vector[]

test('the vectors cover both kinds of bounds', () => {
  expect(vectors.length).toBeGreaterThan(100)
  expect(new Set(vectors.map(({ bounds }) => bounds))).toEqual(new Set(['cover', 'contain']))
})

describe('the solver gives what the core gives', () => {
  test.each(vectors)('$name, $aspect, $bounds', ({ source, aspect, bounds, wanted, view, crop, zoom }) => {
    const solved = solve(source, aspect, bounds === 'contain', wanted)
    if (wanted.rotate % 90 === 0) {
      expect(solved).toEqual({ view, crop, zoom })
    } else {
      // Math.cos may differ from the core's libm in the last bit: one step of the grid at most.
      expect(edgeDistance(solved.crop, crop)).toBeLessThanOrEqual(1 / 256)
      expect(solved.view.rotate).toBe(view.rotate)
      expect(solved.view.zoom / view.zoom).toBeCloseTo(1, 3)
    }
  })

  test('nearly always to the last bit', () => {
    const equal = vectors.filter(({ source, aspect, bounds, wanted, crop }) => {
      return edgeDistance(solve(source, aspect, bounds === 'contain', wanted).crop, crop) === 0
    })
    expect(equal.length / vectors.length).toBeGreaterThan(0.95)
  })
})

test('a solved view solves to itself', () => {
  for (const { source, aspect, bounds, wanted } of vectors) {
    const once = solve(source, aspect, bounds === 'contain', wanted)
    expect(solve(source, aspect, bounds === 'contain', once.view)).toEqual(once)
  }
})

test('360 steps of one degree come back to the start', () => {
  const source = { width: 4000, height: 3000 }
  const start: View = { zoom: 1.2, center: { x: 0.31, y: 0.77 }, rotate: 0, flip: 'none' }
  const wanted = { ...start }
  for (let i = 0; i < 360; i += 1) {
    wanted.rotate += 1
    solve(source, [4, 3], false, wanted)
  }
  expect(solve(source, [4, 3], false, wanted)).toEqual(solve(source, [4, 3], false, start))
})

describe('moves', () => {
  const source = { width: 6000, height: 4000 }
  const aspect: Aspect = [1, 1]
  const view = (rotate: number, flip: View['flip']): View => ({ zoom: 3, center: { x: 0.5, y: 0.5 }, rotate, flip })
  const cases = [0, 90, 180, 270, 33].flatMap((rotate) =>
    (['none', 'horizontal', 'both'] as const).map((flip) => ({ rotate, flip })),
  )

  /** The source point that is seen at (u, v) frame widths from the frame's centre. */
  function seen({ view, crop }: Solved, u: number, v: number): [number, number] {
    const [x, y] = toSource(view, u * crop.width, v * crop.width)
    const [cx, cy] = [crop.x + crop.width / 2, crop.y + crop.height / 2]
    return [cx + x, cy + y]
  }

  test.each(cases)('the point under the pointer stays while zooming and turning: $rotate degrees, $flip', ({ rotate, flip }) => {
    const [u, v] = [0.31, -0.22]
    const before = solve(source, aspect, false, view(rotate, flip))
    const widthOf = (view: View): number => solve(source, aspect, false, view).crop.width
    for (const zoom of [3.3, 4, 9, 40]) {
      const wanted = zoomedAt(toSource, source, before, { zoom, rotate: rotate + zoom }, widthOf, u, v)
      const after = solve(source, aspect, false, wanted)
      const [[x0, y0], [x1, y1]] = [seen(before, u, v), seen(after, u, v)]
      const perSourcePixel = 400 / after.crop.width // a frame of 400 CSS pixels
      expect(Math.hypot(x1 - x0, y1 - y0) * perSourcePixel).toBeLessThan(0.5)
    }
  })

  test.each(cases)('the photo follows the pointer: $rotate degrees, $flip', ({ rotate, flip }) => {
    const before = solve(source, aspect, false, view(rotate, flip))
    const after = solve(source, aspect, false, panned(toSource, source, before, 0.1, -0.05))
    const [[x0, y0], [x1, y1]] = [seen(before, 0.2, 0.2), seen(after, 0.3, 0.15)]
    expect(Math.hypot(x1 - x0, y1 - y0)).toBeLessThan(1 / 128)
  })
})

test('flips on two axes', () => {
  expect(toggleFlip('none', 'horizontal')).toBe('horizontal')
  expect(toggleFlip('horizontal', 'vertical')).toBe('both')
  expect(toggleFlip('both', 'horizontal')).toBe('vertical')
  expect(toggleFlip('vertical', 'vertical')).toBe('none')
})

test('angles are brought into 0 to 360 degrees', () => {
  for (const [given, want] of [
    [0, 0],
    [-90, 270],
    [360, 0],
    [725.5, 5.5],
    [-0, 0],
    [-1e-20, 0],
  ] as const) {
    expect(Object.is(turn(given).degrees, want), String(given)).toBe(true)
  }
})

function edgeDistance(a: Crop, b: Crop): number {
  const edges = ({ x, y, width, height }: Crop): number[] => [x, y, x + width, y + height]
  const other = edges(b)
  return Math.max(...edges(a).map((edge, i) => Math.abs(edge - (other[i] ?? Number.NaN))))
}
