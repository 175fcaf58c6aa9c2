/** Where a job is done: on a thread, or on the caller's own where there are none. */

import { invalidOption } from '../client/error.js'
import { allModule, core } from '../core/all-module.js'
import type { InitInput } from '../core/core.js'
import { moduleBytes } from '../core/start.js'
import { type JobName, type Jobs, runJob } from './jobs.js'
import { builtin } from './runtime.js'
import { NoThreads, Threads } from './threads.js'

export interface Settings {
  /** Threads that the engine may use at once: by default one less than the machine has, at most 4. 0: the caller's own. */
  threads?: number | undefined
  /** The engine's module, where it cannot be found by itself: `truecrop/core/all.wasm` as an address, bytes or a compiled module. */
  wasm?: InitInput | undefined
}

/** Work is done in slices of about so many milliseconds where it shares its thread with others. */
const SLICE_MS = 8

let settings: Settings = {}
let threads: Threads | undefined

/** Says how the engine is run. Call it before anything else: it holds for what begins later. */
export function configure(given: Settings): void {
  settings = given
  threads = undefined
}

/** @throws TruecropError, or the signal's reason. */
export async function run<Name extends JobName>(
  name: Name,
  job: Jobs[Name]['job'],
  signal: AbortSignal | undefined,
): Promise<Jobs[Name]['result']> {
  signal?.throwIfAborted()
  if ('policy' in job) checkPolicy(job.policy)
  const pool = threadPool()
  if (pool) {
    try {
      return await pool.run(name, job, signal)
    } catch (error) {
      if (!(error instanceof NoThreads)) throw error
      // The job was not begun, so its bytes are still here.
      settings = { ...settings, threads: 0 }
    }
  }
  await core.init(settings.wasm)
  return runJob(core, name, job, pauses(signal))
}

/** Rules that are about more than one request: who has no store of uploads cannot hold them, and must not seem to. */
const OF_THE_SERVER = ['audit', 'once']

/** @throws TruecropError `invalid-option` */
function checkPolicy(policy: object | undefined): void {
  const rule = OF_THE_SERVER.find((name) => policy && name in policy)
  if (!rule) return
  const detail = `The rule ${rule} needs a store of uploads: only truecrop's own server keeps it.`
  throw invalidOption(detail, `policy.${rule}`, 'no such rule', rule)
}

function threadPool(): Threads | undefined {
  const most = settings.threads ?? usualThreads()
  // A compiled module comes from a platform that compiles nothing by itself: there are no threads either.
  if (most < 1 || settings.wasm instanceof WebAssembly.Module) return undefined
  return (threads ??= new Threads(most, wasmBytes()))
}

function usualThreads(): number {
  if (!builtin('node:worker_threads')) return 0
  return Math.max(1, Math.min(4, (builtin('node:os')?.availableParallelism?.() ?? 2) - 1))
}

/** The engine's bytes, read once. What failed is tried again. */
function wasmBytes(): () => Promise<unknown> {
  const given = settings.wasm
  let reading: Promise<unknown> | undefined
  return () => {
    reading ??= moduleBytes('all', given, allModule)
    reading.catch(() => (reading = undefined))
    return reading
  }
}

/** Gives way to other work of this thread now and then, and hears the signal. */
function pauses(signal: AbortSignal | undefined): () => Promise<void> {
  let since = Date.now()
  return async () => {
    if (Date.now() - since < SLICE_MS) return
    await new Promise((resolve) => setTimeout(resolve))
    signal?.throwIfAborted()
    since = Date.now()
  }
}
