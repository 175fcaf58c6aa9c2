/** A thread of `truecrop/node`: does one job after the other with an engine of its own. A file by itself, without other files of the package. */

import * as glue from '../core/wasm/truecrop_all.js'
import { createCore } from '../core/core.js'
import type { CoreGlue } from '../engine/glue.js'
import { toPlain } from './error.js'
import { type Jobs, buffersOf, runJob } from './jobs.js'
import { builtin } from './runtime.js'
import type { JobMessage, ThreadMessage } from './threads.js'

const { parentPort, workerData } = builtin('node:worker_threads') ?? {}
const core = createCore(glue as unknown as CoreGlue, 'all', () => {
  throw new Error('the module is given')
})
const { memory } = core.initSync((workerData as { wasm: BufferSource }).wasm as Uint8Array)

async function answer({ name, job }: JobMessage): Promise<ThreadMessage> {
  try {
    const result = await runJob(core, name, job as Jobs[typeof name]['job'])
    return { type: 'result', result, memory: memory.buffer.byteLength }
  } catch (error) {
    return { type: 'error', error: toPlain(error), memory: memory.buffer.byteLength }
  }
}

parentPort?.on('message', (message: JobMessage) => {
  void answer(message).then((answered) => parentPort.postMessage(answered, buffersOf(answered)))
})
parentPort?.postMessage({ type: 'ready' } satisfies ThreadMessage)
