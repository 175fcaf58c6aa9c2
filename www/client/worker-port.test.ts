// Tests of how a worker is started: which way is taken when one fails, and that nothing that was sent is lost.
import { afterEach, expect, test, vi } from 'vitest'
import type { FromPage, FromWorker } from '../protocol.js'
import type { Spoken } from './bridge.js'
import { isPrebundled, preferInline } from './inline.js'
import { StartingWorker, type Way, type WorkerLike, waysToStart } from './worker-port.js'

class FakeWorker implements WorkerLike {
  readonly received: FromPage[] = []
  terminated = false
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null = null
  onerror: ((event: ErrorEvent) => void) | null = null
  postMessage(message: FromPage): void {
    this.received.push(message)
  }
  terminate(): void {
    this.terminated = true
  }
  say(data: FromWorker): void {
    this.onmessage?.({ data } as MessageEvent<FromWorker>)
  }
  fail(message = ''): void {
    this.onerror?.({ message } as ErrorEvent)
  }
}

const BOOT: FromPage = { type: 'boot' }
const OPEN: FromPage = { type: 'open', id: 1, photo: 1, file: new Blob() }
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
const throwing = (message: string): Way => ({
  start: () => {
    throw new Error(message)
  },
})

function listen(port: StartingWorker): { heard: Spoken[]; errors: string[] } {
  const [heard, errors]: [Spoken[], string[]] = [[], []]
  port.onmessage = ({ data }) => heard.push(data)
  port.onerror = ({ message }) => errors.push(message)
  return { heard, errors }
}

test('the second way gets all that was sent to the first one, and is told to ask the page for modules', async () => {
  const [first, second] = [new FakeWorker(), new FakeWorker()]
  const port = new StartingWorker([{ start: () => first }, { start: async () => second, inline: true }])
  const { heard, errors } = listen(port)
  port.postMessage(BOOT)
  port.postMessage(OPEN)
  expect(first.received).toEqual([BOOT, OPEN])
  first.fail()
  await settled()
  expect(first.terminated).toBe(true)
  expect(second.received).toEqual([{ ...BOOT, inline: true }, OPEN])
  second.say({ type: 'ready' })
  second.say({ type: 'progress', id: 1, done: 0.5 })
  expect(heard).toEqual([{ type: 'progress', id: 1, done: 0.5 }])
  expect(errors).toEqual([])
})

test('a way that throws is one that fails; when all fail the first reason is told', async () => {
  const port = new StartingWorker([throwing('SecurityError: another origin'), throwing('no blobs here')])
  const { errors } = listen(port)
  await settled()
  expect(errors).toEqual(['SecurityError: another origin'])
})

test('a worker that has spoken is not replaced', async () => {
  const [first, second] = [new FakeWorker(), new FakeWorker()]
  const port = new StartingWorker([{ start: () => first }, { start: () => second }])
  const { errors } = listen(port)
  first.say({ type: 'ready' })
  first.fail('it broke')
  await settled()
  expect(errors).toEqual(['it broke'])
  expect(second.received).toEqual([])
})

test('after its end a worker that was still starting is ended too', async () => {
  const late = new FakeWorker()
  const port = new StartingWorker([{ start: async () => late }])
  port.terminate()
  await settled()
  expect(late.terminated).toBe(true)
})

test('a module that the worker wants is given, or why there is none', async () => {
  const worker = new FakeWorker()
  const load = async (kind: string): Promise<string> => {
    if (kind === 'jpeg') return 'text of jpeg'
    throw new Error('offline')
  }
  const port = new StartingWorker([{ start: () => worker }], load)
  const { heard } = listen(port)
  worker.say({ type: 'wanted', module: 'jpeg' })
  worker.say({ type: 'wanted', module: 'all' })
  await settled()
  expect(worker.received).toEqual([
    { type: 'module', module: 'jpeg', text: 'text of jpeg' },
    { type: 'module', module: 'all', error: 'Error: offline' },
  ])
  expect(heard).toEqual([])
})

/** The worker's script or its text, and how it is started, for an address that the page gives. */
async function startedBy(way: Way | undefined): Promise<[string, string]> {
  const started: [string, string][] = []
  const texts = new Map<string, Blob>()
  vi.stubGlobal('location', new URL('https://site.example/shop/'))
  vi.stubGlobal('Worker', function (url: URL | string, options: WorkerOptions) {
    started.push([String(url), options.type ?? ''])
    return { addEventListener: () => undefined }
  })
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    texts.set('blob:1', blob as Blob)
    return 'blob:1'
  })
  await way?.start()
  const [url, type] = started[0] ?? ['', '']
  return [(await texts.get(url)?.text()) ?? url, type]
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test.each([
  ['/files/worker.js', 'https://site.example/files/worker.js'],
  ['https://site.example/worker.js', 'https://site.example/worker.js'],
  ['https://cdn.example/a"b/worker.js', 'import "https://cdn.example/a%22b/worker.js"'],
])('the worker at %s', async (address, wanted) => {
  vi.stubGlobal('location', new URL('https://site.example/shop/'))
  const ways = waysToStart(address)
  expect(ways).toHaveLength(1)
  expect(await startedBy(ways[0])).toEqual([wanted, 'module'])
})

test('without an address the file is tried before the script, and not at all once scripts are preferred', async () => {
  const [file, script, ...others] = waysToStart(undefined)
  expect(others).toEqual([])
  expect([file?.inline, script?.inline]).toEqual([undefined, true])
  const [from, type] = await startedBy(file)
  expect([new URL(from).pathname.split('/').pop(), type]).toEqual(['worker.js', 'module'])
  preferInline()
  expect(waysToStart(undefined).map(({ inline }) => inline)).toEqual([true])
})

test.each([
  ['/node_modules/.vite/deps/truecrop.js?v=1a2b3c4d', true],
  ['/node_modules/.vite/deps_ssr/chunk-AB.js', true],
  ['/_nuxt/@fs/app/node_modules/.cache/vite/client/deps/wasm/truecrop_bg.wasm', true],
  ['/node_modules/truecrop/dist/index.js', false],
  ['/deps/truecrop.js', false],
])('%s is copied by a development server: %s', (address, wanted) => {
  expect(isPrebundled(address)).toBe(wanted)
})
