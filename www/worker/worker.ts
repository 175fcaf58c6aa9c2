/** The worker's entry point: handles messages from the page. Owns the wasm modules and every photo that is open in them. */

import type { FromPage, FromWorker, ModuleKind, ModuleMessage, WorkerRequest, WorkerResponse } from '../protocol.js'
import * as full from './wasm/truecrop.js'
import * as all from './wasm/truecrop_all.js'
import * as heic from './wasm/truecrop_heic.js'
import * as jpeg from './wasm/truecrop_jpeg.js'
import { EngineUnavailable, decodeModule, loadEngine } from '../engine/load.js'
import { Modules } from './modules.js'
import { SessionRegistry } from './session-registry.js'
import { Queue, type Task, messagePause } from './queue.js'

const scope = self as unknown as {
  postMessage(message: FromWorker, transfer: Transferable[]): void
  onmessage: ((event: MessageEvent<FromPage>) => void) | null
}
const post = (message: FromWorker, transfer: Transferable[] = []): void => scope.postMessage(message, transfer)

const clock = { now: () => performance.now(), pause: messagePause() }
const queue = new Queue(clock, (id, done) => post({ type: 'progress', id, done }))
let registry = createRegistry()
/** The modules that the page was asked for. */
const asked = new Map<ModuleKind, (answer: ModuleMessage) => void>()

function createRegistry(boot?: Extract<FromPage, { type: 'boot' }>): SessionRegistry {
  const modules = new Modules(boot, (kind, source) => loadEngine({ all, full, heic, jpeg }[kind], kind, source), askPage)
  return new SessionRegistry(boot, modules, (response: WorkerResponse, transfer) => post(response, transfer))
}

async function askPage(kind: ModuleKind): Promise<ArrayBuffer> {
  const { text, error } = await new Promise<ModuleMessage>((resolve) => {
    asked.set(kind, resolve)
    post({ type: 'wanted', module: kind })
  })
  if (text === undefined) throw new EngineUnavailable(`The engine could not be loaded: ${error}.`, { isMissing: true })
  return decodeModule(text)
}

function start(request: WorkerRequest): Task | Promise<Task> {
  switch (request.type) {
    case 'warm':
      return registry.warm(request)
    case 'open':
      return registry.open(request)
    case 'proxy':
      return registry.proxy(request)
    case 'render':
      return registry.render(request)
    case 'solve':
      return registry.solve(request)
    case 'close':
      return registry.close(request)
  }
}

scope.onmessage = ({ data }: MessageEvent<FromPage>) => {
  if (data.type === 'boot') {
    registry = createRegistry(data)
  } else if (data.type === 'module') {
    asked.get(data.module)?.(data)
    asked.delete(data.module)
  } else if (data.type === 'abort') {
    queue.abort(data.id)
  } else {
    queue.push(
      data.id,
      () => start(data),
      (error) => registry.fail(data.id, error),
    )
  }
}

post({ type: 'ready' })
