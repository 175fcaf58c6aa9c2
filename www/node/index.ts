/**
 * truecrop for back ends in JavaScript: `truecrop/node`, in Node, Deno, Bun and workers at the edge. Crops, and checks uploads by the same code as
 * the native server, off the event loop where there are threads.
 *
 * ```ts
 * const { output, receipt } = await crop('photo.jpg', { width: 512, height: 512 })
 * const verdict = await verify({ receipt, outputs: output.bytes }, { policy: { aspects: ['1:1'] } })
 * ```
 */

import { invalidOption } from '../client/error.js'
import { kindOf, toBytes } from '../core/check.js'
import type { Recipe } from '../protocol.js'
import { Cropped } from './result.js'
import { run } from './run.js'
import { copyOf, load, mostSourceBytes } from './source.js'
import type { Facts, Options, OutputBytes, Source, Submitted, Verdict, VerifyOptions, Wanted } from './types.js'

export { TruecropError } from '../client/error.js'
export { RefusedUpload } from './error.js'
export { problemResponse, toProblem } from './problem.js'
export { Cropped } from './result.js'
export { configure } from './run.js'
export { receive } from './upload.js'
export type { Problem } from './problem.js'
export type { Settings } from './run.js'
export type { Form, FormRequest, Picture } from './upload.js'
export type * from './types.js'

type Bytes = Uint8Array<ArrayBuffer>

/**
 * What a file's headers say: format, size, orientation.
 *
 * @throws TruecropError `unsupported-format`, `damaged-source`, `too-many-pixels`, ...
 */
export async function probe(source: Source, { limits, signal }: Options = {}): Promise<Facts> {
  return run('probe', { source: await load(source, mostSourceBytes(limits), signal), limits }, signal)
}

/**
 * Crops a file as a browser does: the same bytes. Either an output and its view, or a whole recipe.
 *
 * @throws TruecropError with the engine's codes
 */
export async function crop(source: Source, wanted: Wanted | Recipe, { limits, signal }: Options = {}): Promise<Cropped> {
  if (typeof wanted !== 'object' || wanted === null || !('truecrop' in wanted || 'width' in wanted)) {
    const detail = 'Say what to make of it: { width: 512, height: 512 }, or a recipe.'
    throw invalidOption(detail, 'wanted', '{ width, height }', kindOf(wanted))
  }
  const loaded = await load(source, mostSourceBytes(limits), signal)
  const { receipt, outputs } = await run('crop', { source: loaded, wanted, limits }, signal)
  return new Cropped(receipt, outputs)
}

/**
 * Makes outputs and receipt for a client that sent its photo and a recipe, within the policy.
 *
 * @throws TruecropError as {@link crop}; `policy-violation`
 */
export async function make(source: Source, recipe: Recipe | string, options: VerifyOptions = {}): Promise<Cropped> {
  const { limits, signal, level = 'result', policy } = options
  const loaded = await load(source, mostSourceBytes(limits), signal)
  const json = textBytes(recipe, 'recipe')
  const { receipt, outputs, verdict } = await run('make', { source: loaded, recipe: json, limits, level, policy }, signal)
  return new Cropped(receipt, outputs, verdict)
}

/**
 * Checks a picture by its receipt: geometry, policy, digests, the engine's own encoding; with the source everything is made again and compared.
 *
 * @throws TruecropError for the first thing that does not hold: docs/RECEIPT.md, *Refusals*
 */
export async function verify(submitted: Submitted, options: VerifyOptions = {}): Promise<Verdict> {
  const { limits, signal, level = 'result', policy } = options
  if (typeof submitted !== 'object' || submitted === null || !('receipt' in submitted && 'outputs' in submitted)) {
    throw invalidOption('verify takes { receipt, outputs, source? }.', 'submitted', '{ receipt, outputs }', kindOf(submitted))
  }
  const receipt = textBytes(submitted.receipt, 'receipt')
  const outputs = await outputsFor(submitted.outputs, receipt)
  const source = submitted.source === undefined ? undefined : await load(submitted.source, mostSourceBytes(limits), signal)
  return run('verify', { receipt, outputs, source, limits, level, policy }, signal)
}

/** JSON as it was sent, or of an object. */
function textBytes(value: unknown, field: string): Bytes {
  if (typeof value === 'string') return new TextEncoder().encode(value)
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return copyOf(toBytes(value, field))
  if (typeof value !== 'object' || value === null) {
    throw invalidOption(`The ${field} must be JSON or an object, not ${kindOf(value)}.`, field, 'object', kindOf(value))
  }
  return new TextEncoder().encode(JSON.stringify(value))
}

const isBytes = (value: unknown): value is OutputBytes =>
  value instanceof Blob || ArrayBuffer.isView(value) || value instanceof ArrayBuffer

async function outputsFor(outputs: Submitted['outputs'], receipt: Bytes): Promise<[string, Bytes][]> {
  const own = async (bytes: OutputBytes): Promise<Bytes> =>
    bytes instanceof Blob ? new Uint8Array(await bytes.arrayBuffer()) : copyOf(toBytes(bytes, 'outputs'))
  if (isBytes(outputs)) return [[onlyName(receipt), await own(outputs)]]
  if (typeof outputs !== 'object' || outputs === null) {
    throw invalidOption('The outputs are an object of bytes by their names.', 'outputs', 'object', kindOf(outputs))
  }
  return Promise.all(Object.entries(outputs).map(async ([name, bytes]): Promise<[string, Bytes]> => [name, await own(bytes)]))
}

/** The name of a receipt's first output. What cannot be read is refused by the engine, with better words. */
function onlyName(receipt: Bytes): string {
  try {
    const { outputs } = JSON.parse(new TextDecoder().decode(receipt)) as { outputs: { name: string }[] }
    return String(outputs[0]?.name)
  } catch {
    return 'main'
  }
}
