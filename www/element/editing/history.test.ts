// Tests of undo and redo.
import { expect, test } from 'vitest'
import type { View } from '../../protocol.js'
import { History } from './history.js'

const view = (zoom: number): View => ({ zoom, center: { x: 0.5, y: 0.5 }, rotate: 0, flip: 'none' })

/** Records moves `[kind, milliseconds]` from zoom 1 to 2, 3, ... and returns the zooms that undo goes back to. */
function undone(moves: [unknown, number][]): number[] {
  const history = new History<View>()
  moves.forEach(([kind, now], i) => history.record(view(i + 1), kind, now))
  const zooms: number[] = []
  for (let now = view(moves.length + 1); history.canUndo; ) {
    now = history.undo(now) as View
    zooms.push(now.zoom)
  }
  return zooms
}

test('moves of one kind without a pause are one step', () => {
  expect(undone([])).toEqual([])
  expect(
    undone([
      ['zoom', 0],
      ['zoom', 100],
      ['zoom', 500],
    ]),
  ).toEqual([1])
  expect(
    undone([
      ['zoom', 0],
      ['zoom', 600],
      ['zoom', 700],
    ]),
  ).toEqual([2, 1])
  expect(
    undone([
      ['zoom', 0],
      ['turn', 10],
      ['zoom', 20],
    ]),
  ).toEqual([3, 2, 1])
  const [first, second] = [{}, {}]
  expect(
    undone([
      [first, 0],
      [first, 10],
      [second, 20],
      [second, 30],
    ]),
  ).toEqual([3, 1])
})

test('redo comes back, until something else is done', () => {
  const history = new History<View>()
  history.record(view(1), 'a', 0)
  history.record(view(2), 'b', 0)
  expect(history.undo(view(3))).toEqual(view(2))
  expect(history.undo(view(2))).toEqual(view(1))
  expect([history.canUndo, history.canRedo]).toEqual([false, true])
  expect(history.undo(view(1))).toBeUndefined()
  expect(history.redo(view(1))).toEqual(view(2))
  // Of the same kind and at the same time as the last one, but after an undo it is a new step.
  history.record(view(2), 'b', 0)
  expect([history.canRedo, history.undo(view(5))?.zoom]).toEqual([false, 2])
})

test('the oldest steps are forgotten', () => {
  const history = new History<View>()
  for (let i = 0; i < 500; i += 1) history.record(view(i + 1), i, 0)
  let steps = 0
  for (let now = view(501); history.canUndo; steps += 1) now = history.undo(now) as View
  expect(steps).toBe(200)
})

test('a drag is one step, however long the pointer rests', () => {
  const drag = {}
  expect(
    undone([
      [drag, 0],
      [drag, 5_000],
      [{}, 5_001],
    ]),
  ).toEqual([3, 1])
})
