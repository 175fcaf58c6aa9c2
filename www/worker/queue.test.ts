// Tests of the queue: slices, order, cancelling.
import { expect, test } from 'vitest'
import { Cancelled, Queue, type Task, nextRows } from './queue.js'

/** A clock that advances by the cost of each slice, and lets the test act between slices. */
function setup(between: (slice: number) => void = () => undefined) {
  let now = 0
  let slices = 0
  const log: string[] = []
  const clock = {
    now: () => now,
    pause: () => {
      between(++slices)
      return Promise.resolve()
    },
  }
  const queue = new Queue(clock, (id, done) => log.push(`${id} at ${done}`))
  const task = (id: number, total: number, cost = 15, fails = false): Task => {
    let left = total
    return {
      id,
      advance: () => {
        now += cost
        left -= 1
        if (fails) throw new Error('broken')
        return left <= 0
      },
      progress: () => (total - left) / total,
      done: () => void log.push(`${id} done`),
      failed: (error) => void log.push(`${id} ${error instanceof Cancelled ? 'cancelled' : 'failed'}`),
      free: () => void log.push(`${id} free`),
    }
  }
  const push = (id: number, total: number, cost?: number, fails?: boolean): void =>
    queue.push(
      id,
      () => task(id, total, cost, fails),
      (error) => log.push(`${id} ${error instanceof Cancelled ? 'dropped' : 'not started'}`),
    )
  return { queue, log, push }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

test('tasks run one after the other and release their memory', async () => {
  const { log, push } = setup()
  push(1, 2)
  push(2, 1)
  await settle()
  expect(log).toEqual(['1 done', '1 free', '2 done', '2 free'])
})

test('an abort stops the running task between two slices; the next one starts', async () => {
  const { queue, log, push } = setup((slice) => slice === 2 && queue.abort(1))
  push(1, 100)
  push(2, 1)
  await settle()
  expect(log).toEqual(['1 cancelled', '1 free', '2 done', '2 free'])
})

test('an abort removes a waiting task; unknown ids are ignored', async () => {
  const { queue, log, push } = setup()
  push(1, 3)
  push(2, 1)
  queue.abort(2)
  queue.abort(99)
  await settle()
  expect(log).toEqual(['2 dropped', '1 done', '1 free'])
})

test('an abort of a finished task does not hit a later one', async () => {
  const { queue, log, push } = setup()
  push(1, 1)
  await settle()
  queue.abort(1)
  push(1, 1)
  await settle()
  expect(log.filter((line) => line === '1 done')).toHaveLength(2)
})

test('a task that fails sends its error, is freed, and does not stop the queue', async () => {
  const { queue, log, push } = setup()
  push(1, 5, 15, true)
  queue.push(
    2,
    () => Promise.reject(new Error('no')),
    () => log.push('2 not started'),
  )
  push(3, 1)
  await settle()
  expect(log).toEqual(['1 failed', '1 free', '2 not started', '3 done', '3 free'])
})

test('progress is reported at most every 50 milliseconds', async () => {
  const { log, push } = setup()
  push(1, 10, 20)
  await settle()
  expect(log.filter((line) => line.includes('at'))).toEqual(['1 at 0.3', '1 at 0.6', '1 at 0.9'])
})

test('slices aim at 15 milliseconds, and change by a factor of four at most', () => {
  expect(nextRows(16, 15)).toBe(16)
  expect(nextRows(16, 0)).toBe(64)
  expect(nextRows(16, 3)).toBe(64)
  expect(nextRows(16, 30)).toBe(8)
  expect(nextRows(16, 9000)).toBe(4)
  expect(nextRows(1, 9000)).toBe(1)
})
