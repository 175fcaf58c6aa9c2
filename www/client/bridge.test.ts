import { expect, test, vi } from 'vitest'
import type { Facts, FromPage, FromWorker } from '../protocol.js'
import { Bridge, type Port } from './bridge.js'
import { Photo } from './photo.js'

const FACTS: Facts = { format: 'jpeg', bytes: 1, width: 4, height: 3, orientation: 1, alpha: false, animated: false }

/** A stand-in for workers: keeps what it was told, answers what the test says. */
function bench(answer: (message: FromPage, port: FakePort) => void = () => undefined, idle = 1000) {
  const ports: FakePort[] = []
  const start = (): Port => {
    const port = new FakePort(answer)
    ports.push(port)
    return port
  }
  return { bridge: new Bridge({ start, boot: {}, idle }), ports }
}

class FakePort implements Port {
  readonly heard: FromPage[] = []
  ended = false
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null = null
  onerror: ((event: ErrorEvent) => void) | null = null
  readonly #answer: (message: FromPage, port: FakePort) => void

  constructor(answer: (message: FromPage, port: FakePort) => void) {
    this.#answer = answer
  }
  postMessage(message: FromPage): void {
    this.heard.push(message)
    queueMicrotask(() => this.#answer(message, this))
  }
  terminate(): void {
    this.ended = true
  }
  say(data: FromWorker): void {
    if (!this.ended) this.onmessage?.({ data } as MessageEvent<FromWorker>)
  }
}

const opens = (message: FromPage, port: FakePort): void => {
  if (message.type === 'open') port.say({ type: 'facts', id: message.id, facts: FACTS })
  if (message.type === 'close') port.say({ type: 'closed', id: message.id, spent: true })
}

test('no worker before the first request; boot is the first message', async () => {
  const { bridge, ports } = bench(opens)
  expect(ports).toHaveLength(0)
  expect(bridge.generation).toBe(0)
  await Photo.open(bridge, 1, new Blob(), {})
  expect(ports).toHaveLength(1)
  expect(ports[0]?.heard.map(({ type }) => type)).toEqual(['boot', 'open'])
})

test('an abort is told to the worker and rejects at once with the reason', async () => {
  const { bridge, ports } = bench()
  const control = new AbortController()
  const call = Photo.open(bridge, 1, new Blob(), { signal: control.signal })
  control.abort()
  await expect(call).rejects.toMatchObject({ name: 'AbortError' })
  expect(ports[0]?.heard.at(-1)).toEqual({ type: 'abort', id: 1 })
  // A late answer finds nobody and harms nothing.
  ports[0]?.say({ type: 'facts', id: 1, facts: FACTS })
})

test('a signal that is already aborted starts nothing', async () => {
  const { bridge, ports } = bench()
  await expect(Photo.open(bridge, 1, new Blob(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  expect(ports).toHaveLength(0)
})

test('an error of the worker comes with its members', async () => {
  const error = { code: 'empty-source', fault: 'input', detail: 'The file has no bytes.', field: 'source' } as const
  const { bridge } = bench(
    (message, port) => message.type === 'open' && port.say({ type: 'error', id: message.id, error, broken: false }),
  )
  await expect(Photo.open(bridge, 1, new Blob(), {})).rejects.toMatchObject({
    name: 'TruecropError',
    message: error.detail,
    code: error.code,
    fault: 'input',
  })
})

test('after the engine broke, the next photo has a new worker, and an open one opens itself again', async () => {
  const { bridge, ports } = bench((message, port) => {
    opens(message, port)
    const error = { code: 'internal', fault: 'environment', detail: 'broke' } as const
    if (message.type === 'render') port.say({ type: 'error', id: message.id, error, broken: true })
    if (message.type === 'solve') port.say({ type: 'solved', id: message.id, solved: {} as never })
  })
  const photo = await Photo.open(bridge, 1, new Blob(), {})
  await expect(photo.render({} as never)).rejects.toMatchObject({ code: 'internal' })
  expect(ports[0]?.ended).toBe(true)
  await photo.solve({} as never, [1, 1])
  expect(ports).toHaveLength(2)
  expect(ports[1]?.heard.map(({ type }) => type)).toEqual(['boot', 'open', 'solve'])
})

test('a spent worker is replaced when its photo is closed', async () => {
  const { bridge, ports } = bench(opens)
  const photo = await Photo.open(bridge, 1, new Blob(), {})
  await photo.close()
  await photo.close()
  expect(ports[0]?.ended).toBe(true)
  expect(ports[0]?.heard.filter(({ type }) => type === 'close')).toHaveLength(1)
  await expect(photo.solve({} as never, [1, 1])).rejects.toMatchObject({ code: 'invalid-option' })
})

test('an idle worker is stopped, a busy one is not', async () => {
  vi.useFakeTimers()
  try {
    const { bridge, ports } = bench(opens, 1000)
    await Photo.open(bridge, 1, new Blob(), {})
    void bridge.call('rendered', { type: 'render', photo: 1, recipe: '' }).catch(() => undefined)
    vi.advanceTimersByTime(5000)
    expect(ports[0]?.ended).toBe(false)
    ports[0]?.say({ type: 'rendered', id: 2, receipt: '', outputs: [], took: 1, memory: 1 })
    vi.advanceTimersByTime(999)
    expect(ports[0]?.ended).toBe(false)
    vi.advanceTimersByTime(1)
    expect(ports[0]?.ended).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

test('a worker that can not run refuses what is pending with a sentence', async () => {
  const { bridge, ports } = bench()
  const call = Photo.open(bridge, 1, new Blob(), {})
  ports[0]?.onerror?.({ message: '' } as ErrorEvent)
  await expect(call).rejects.toMatchObject({ code: 'engine-unavailable', fault: 'environment' })
})
