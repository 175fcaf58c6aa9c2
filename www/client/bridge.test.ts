// Tests of the bridge to the worker: requests, aborts, a worker that fails.
import { expect, test, vi } from 'vitest'
import type { Facts, FromPage } from '../protocol.js'
import { Bridge, type Spoken, type WorkerPort } from './bridge.js'
import { Photo } from './photo.js'

const FACTS: Facts = { format: 'jpeg', bytes: 1, width: 4, height: 3, orientation: 1, alpha: false, animated: false, ignored: [] }

/** A bridge to fake workers, which record what they are sent and respond as the test says. */
function setup(respond: (message: FromPage, port: FakePort) => void = () => undefined, idle = 1000) {
  const ports: FakePort[] = []
  const start = (): WorkerPort => {
    const port = new FakePort(respond)
    ports.push(port)
    return port
  }
  return { bridge: new Bridge({ start, boot: {}, idle }), ports }
}

class FakePort implements WorkerPort {
  readonly received: FromPage[] = []
  terminated = false
  onmessage: ((event: MessageEvent<Spoken>) => void) | null = null
  onerror: ((event: ErrorEvent) => void) | null = null
  readonly #respond: (message: FromPage, port: FakePort) => void

  constructor(respond: (message: FromPage, port: FakePort) => void) {
    this.#respond = respond
  }
  postMessage(message: FromPage): void {
    this.received.push(message)
    queueMicrotask(() => this.#respond(message, this))
  }
  terminate(): void {
    this.terminated = true
  }
  send(data: Spoken): void {
    if (!this.terminated) this.onmessage?.({ data } as MessageEvent<Spoken>)
  }
}

const openAndClose = (message: FromPage, port: FakePort): void => {
  if (message.type === 'open') port.send({ type: 'facts', id: message.id, facts: FACTS })
  if (message.type === 'close') port.send({ type: 'closed', id: message.id, shouldReplace: true })
}

test('no worker before the first request; boot is the first message', async () => {
  const { bridge, ports } = setup(openAndClose)
  expect(ports).toHaveLength(0)
  expect(bridge.generation).toBe(0)
  await Photo.open(bridge, 1, new Blob(), {})
  expect(ports).toHaveLength(1)
  expect(ports[0]?.received.map(({ type }) => type)).toEqual(['boot', 'open'])
})

test('an abort is sent to the worker and rejects at once with the reason', async () => {
  const { bridge, ports } = setup()
  const control = new AbortController()
  const call = Photo.open(bridge, 1, new Blob(), { signal: control.signal })
  control.abort()
  await expect(call).rejects.toMatchObject({ name: 'AbortError' })
  // The worker may have opened the photo before it heard of the abort: its memory is released.
  expect(ports[0]?.received.slice(-2)).toEqual([
    { type: 'abort', id: 1 },
    { type: 'close', photo: 1, id: 2 },
  ])
  // A late response is ignored.
  ports[0]?.send({ type: 'facts', id: 1, facts: FACTS })
})

test('a signal that is already aborted starts nothing', async () => {
  const { bridge, ports } = setup()
  await expect(Photo.open(bridge, 1, new Blob(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  expect(ports).toHaveLength(0)
})

test('an error of the worker keeps its members', async () => {
  const error = { code: 'empty-source', fault: 'input', detail: 'The file has no bytes.', field: 'source' } as const
  const { bridge } = setup(
    (message, port) => message.type === 'open' && port.send({ type: 'error', id: message.id, error, broken: false }),
  )
  await expect(Photo.open(bridge, 1, new Blob(), {})).rejects.toMatchObject({
    name: 'TruecropError',
    message: error.detail,
    code: error.code,
    fault: 'input',
  })
})

test('after the engine broke there is a new worker, and a photo that was open is opened again', async () => {
  const { bridge, ports } = setup((message, port) => {
    openAndClose(message, port)
    const error = { code: 'internal', fault: 'environment', detail: 'broke' } as const
    if (message.type === 'render') port.send({ type: 'error', id: message.id, error, broken: true })
    if (message.type === 'solve') port.send({ type: 'solved', id: message.id, solved: {} as never })
  })
  const photo = await Photo.open(bridge, 1, new Blob(), {})
  await expect(photo.render({} as never)).rejects.toMatchObject({ code: 'internal' })
  expect(ports[0]?.terminated).toBe(true)
  await photo.solve({} as never, [1, 1])
  expect(ports).toHaveLength(2)
  expect(ports[1]?.received.map(({ type }) => type)).toEqual(['boot', 'open', 'solve'])
})

test('a worker whose memory grew large is replaced when its photo is closed', async () => {
  const { bridge, ports } = setup(openAndClose)
  const photo = await Photo.open(bridge, 1, new Blob(), {})
  await photo.close()
  await photo.close()
  expect(ports[0]?.terminated).toBe(true)
  expect(ports[0]?.received.filter(({ type }) => type === 'close')).toHaveLength(1)
  await expect(photo.solve({} as never, [1, 1])).rejects.toMatchObject({ code: 'invalid-option' })
})

test('an idle worker is stopped, a busy one is not', async () => {
  vi.useFakeTimers()
  try {
    const { bridge, ports } = setup(openAndClose, 1000)
    await Photo.open(bridge, 1, new Blob(), {})
    void bridge.call('rendered', { type: 'render', photo: 1, recipe: '' }).catch(() => undefined)
    vi.advanceTimersByTime(5000)
    expect(ports[0]?.terminated).toBe(false)
    ports[0]?.send({ type: 'rendered', id: 2, receipt: '', outputs: [], took: 1, memory: 1 })
    vi.advanceTimersByTime(999)
    expect(ports[0]?.terminated).toBe(false)
    vi.advanceTimersByTime(1)
    expect(ports[0]?.terminated).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

test('when a worker cannot start, pending requests are rejected with an explanation', async () => {
  const { bridge, ports } = setup()
  const call = Photo.open(bridge, 1, new Blob(), {})
  ports[0]?.onerror?.({ message: '' } as ErrorEvent)
  await expect(call).rejects.toMatchObject({ code: 'engine-unavailable', fault: 'environment' })
})
