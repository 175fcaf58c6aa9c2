/** Loads and starts a module for `truecrop/core`: in pages, workers, Node, Deno and Bun. */

import { TruecropError, invalidOption } from '../client/error.js'
import { isInlineFirst, isPrebundled, loadInlineModule } from '../client/inline.js'
import type { ModuleKind } from '../protocol.js'
import { EngineUnavailable, checkSimd, decodeModule, fetchWasm, startError } from '../engine/load.js'
import type { CoreGlue } from '../engine/glue.js'

/** What `init` takes in place of the module's own address. */
export type InitInput = string | URL | Request | Response | ArrayBufferLike | ArrayBufferView | WebAssembly.Module

const ADDRESS = { field: 'input', where: 'to init' }

type Started = { memory: WebAssembly.Memory }

/** `init`, or `init({ module_or_path })` as wasm-bindgen writes it. */
export async function start(glue: CoreGlue, kind: ModuleKind, input: unknown, beside: () => URL): Promise<Started> {
  const wanted = isWrapped(input) ? await input.module_or_path : await input
  try {
    checkSimd()
    const source = wanted === undefined ? await findModule(kind, beside) : await givenModule(wanted as InitInput)
    return await glue.default({ module_or_path: source }).catch((error: unknown) => {
      throw startError(error, wanted)
    })
  } catch (error) {
    throw error instanceof EngineUnavailable ? typed(error) : error
  }
}

/**
 * A module's bytes (or their answer, or a compiled module that was given), for an engine on another thread.
 *
 * @throws TruecropError `engine-unavailable`
 */
export async function moduleBytes(kind: ModuleKind, input: InitInput | undefined, beside: () => URL): Promise<unknown> {
  try {
    const found = input === undefined ? await findModule(kind, beside) : await givenModule(input)
    return found instanceof Response ? await found.arrayBuffer() : found
  } catch (error) {
    throw error instanceof EngineUnavailable ? typed(error) : error
  }
}

/** `initSync`, or `initSync({ module })` as wasm-bindgen writes it. */
export function startSync(glue: CoreGlue, input: unknown): Started {
  const module = typeof input === 'object' && input !== null && 'module' in input ? input.module : input
  if (!(module instanceof WebAssembly.Module || module instanceof ArrayBuffer || ArrayBuffer.isView(module))) {
    const detail =
      'initSync takes a WebAssembly.Module or the bytes of truecrop/core.wasm. To have the file found, `await init()`.'
    throw invalidOption(detail, 'module')
  }
  try {
    return glue.initSync({ module: module as BufferSource })
  } catch (error) {
    throw typed(startError(error, undefined))
  }
}

const typed = ({ serialized }: EngineUnavailable): TruecropError => new TruecropError({ ...serialized, field: ADDRESS.field })

const isWrapped = (input: unknown): input is { module_or_path: unknown } =>
  typeof input === 'object' && input !== null && 'module_or_path' in input

/** The module beside the package's files, or its copy in a script where a bundler has left the file behind. */
async function findModule(kind: ModuleKind, beside: () => URL): Promise<unknown> {
  const address = beside()
  if (!isInlineFirst() && !isPrebundled(address.pathname)) {
    try {
      return await givenModule(address)
    } catch (error) {
      const text = await loadInlineModule(kind).catch(() => undefined)
      if (text === undefined) throw error
      return decodeModule(text)
    }
  }
  return decodeModule(await loadInlineModule(kind))
}

async function givenModule(input: InitInput): Promise<unknown> {
  if (typeof Request !== 'undefined' && input instanceof Request) return givenModule(input.url)
  if (typeof input !== 'string' && !(input instanceof URL)) return input
  const address = toAddress(input)
  if (typeof address !== 'string' && address.protocol !== 'file:') return fetchWasm(address, ADDRESS)
  return readModule(address)
}

/** A text may be an address or, outside of pages, a path. */
function toAddress(input: string | URL): URL | string {
  if (input instanceof URL) return input
  try {
    return new URL(input, globalThis.location?.href)
  } catch {
    return input
  }
}

/** Reads a file. Node cannot fetch one. The way to its modules is one that bundlers for pages do not follow. */
async function readModule(file: URL | string): Promise<ArrayBuffer | Uint8Array> {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => typeof import('node:fs/promises') } }
  const files = process?.getBuiltinModule?.('node:fs/promises')
  if (!files) {
    if (file instanceof URL) return (await fetch(file)).arrayBuffer()
    throw new EngineUnavailable(
      `The engine cannot be read from ${file}: this is neither an address nor a file that can be read here.`,
    )
  }
  try {
    return await files.readFile(file)
  } catch (error) {
    throw new EngineUnavailable(`The engine could not be read: ${String(error)}. Check the path.`, { isMissing: true })
  }
}
