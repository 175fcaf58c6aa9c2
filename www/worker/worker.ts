/** The worker's door: messages in, messages out. Owns the wasm module and everything opened in it. */

import type { Answer, FromPage, FromWorker, Request } from '../protocol.js'
import * as full from './wasm/truecrop.js'
import * as jpeg from './wasm/truecrop_jpeg.js'
import { loadEngine } from './engine.js'
import { Modules } from './modules.js'
import { Photos } from './photos.js'
import { Queue, type Work, messagePause } from './queue.js'

const scope = self as unknown as {
  postMessage(message: FromWorker, transfer: Transferable[]): void
  onmessage: ((event: MessageEvent<FromPage>) => void) | null
}
const post = (message: FromWorker, transfer: Transferable[] = []): void => scope.postMessage(message, transfer)

const clock = { now: () => performance.now(), pause: messagePause() }
const queue = new Queue(clock, (id, done) => post({ type: 'progress', id, done }))
let photos = make()

function make(boot?: Extract<FromPage, { type: 'boot' }>): Photos {
  const modules = new Modules(boot, (kind, url) => loadEngine(kind === 'full' ? full : jpeg, url))
  return new Photos(boot, modules, (answer: Answer, transfer) => post(answer, transfer))
}

function start(request: Request): Work | Promise<Work> {
  switch (request.type) {
    case 'open':
      return photos.open(request)
    case 'proxy':
      return photos.proxy(request)
    case 'render':
      return photos.render(request)
    case 'solve':
      return photos.solve(request)
    case 'close':
      return photos.close(request)
  }
}

scope.onmessage = ({ data }: MessageEvent<FromPage>) => {
  if (data.type === 'boot') {
    photos = make(data)
  } else if (data.type === 'abort') {
    queue.abort(data.id)
  } else {
    queue.push(
      data.id,
      () => start(data),
      (error) => photos.fail(data.id, error),
    )
  }
}
