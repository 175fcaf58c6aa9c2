/** An upload form, as a route handler gets it: read within bounds, its pictures checked. */

import { TruecropError, invalidOption } from '../client/error.js'
import { kindOf } from '../core/check.js'
import { tooLong } from './error.js'
import type { Entry } from './jobs.js'
import { outputsOf } from './result.js'
import { run } from './run.js'
import { chunksOf, spool } from './source.js'
import type { Output, ReceiveOptions, Receipt, Verdict } from './types.js'

/** A picture of a form that holds. */
export interface Picture {
  /** Its name in the form. */
  name: string
  /** Canonical JSON: keep it beside the picture. */
  receipt: string
  /** The same, parsed. */
  facts: Receipt
  verdict: Verdict
  /** Its files, in the receipt's order. */
  outputs: Output[]
  /** The only output, or the first. */
  output: Output
  /** The photo that it is a crop of, where it was sent. */
  source: Blob | undefined
}

/** What a form holds. */
export interface Form {
  /** The pictures by their names: `pictures.avatar`. */
  pictures: Record<string, Picture>
  /** Everything else in the form. */
  fields: FormData
}

/** The request of a route handler: `Request` (Next, Hono, Deno, Bun, workers), Node's `IncomingMessage` (Express, Fastify's `raw`), or its `FormData`. */
export type FormRequest = Request | FormData | IncomingForm

/** The part of Node's `IncomingMessage` that is used. */
export interface IncomingForm extends AsyncIterable<Uint8Array> {
  headers: Record<string, string | string[] | undefined>
}

const MEBIBYTE = 1024 * 1024
const FORM_DATA = /^multipart\/form-data\s*;/i

/**
 * Reads an upload form and checks its pictures: all hold, or it throws what the first that does not hold is refused for. Nothing is stored.
 *
 * ```ts
 * const { pictures, fields } = await receive(request, { required: ['avatar'], policy: { aspects: ['1:1'], maxOutputSide: 512 } })
 * await writeFile(`avatars/${id}.jpg`, pictures.avatar.output.bytes)
 * ```
 *
 * @throws TruecropError with the native server's codes; `toProblem` and `problemResponse` make an answer of it
 */
export async function receive(
  request: FormRequest,
  options: ReceiveOptions & { /** Pictures that must be there. */ required?: readonly string[] | undefined } = {},
): Promise<Form> {
  const { signal, level = 'result', policy, limits, required = [] } = options
  const { pictures = 16, bodyBytes = 64 * MEBIBYTE, fieldBytes = 65_536, fieldsBytes = 262_144 } = options
  const form = await formOf(request, bodyBytes, signal)
  const parts = [...form.entries()]
  const entries = await Promise.all(parts.map(entryOf))
  const rules = { level, policy, limits, pictures, bodyBytes, fieldBytes, fieldsBytes }
  const received = await run('receive', { ...rules, entries }, signal)
  const found = Object.create(null) as Record<string, Picture>
  for (const { name, verdict, receipt, outputs: bytes, source } of received) {
    const outputs = outputsOf(verdict.outputs, bytes)
    const sent = source === undefined ? undefined : asBlob(parts[source]?.[1])
    const facts = JSON.parse(receipt) as Receipt
    found[name] = { name, receipt, facts, verdict, outputs, output: outputs[0] as Output, source: sent }
  }
  for (const name of required) if (!found[name]) throw missing(name)
  return { pictures: found, fields: others(parts, Object.keys(found)) }
}

function missing(name: string): TruecropError {
  const detail = `The form has no picture called ${name}: send ${name}.receipt before its outputs.`
  return new TruecropError({ code: 'invalid-receipt', fault: 'input', detail, field: `${name}.receipt` })
}

async function entryOf([name, value]: [string, FormDataEntryValue]): Promise<Entry> {
  if (typeof value === 'string') return { name, type: '', bytes: new TextEncoder().encode(value) }
  return { name, type: value.type, bytes: new Uint8Array(await value.arrayBuffer()) }
}

const asBlob = (value: FormDataEntryValue | undefined): Blob | undefined => (value === undefined ? undefined : new Blob([value]))

/** The fields that are no part of a picture. */
function others(parts: readonly [string, FormDataEntryValue][], pictures: readonly string[]): FormData {
  const fields = new FormData()
  const isOwned = (part: string): boolean => pictures.some((name) => part === name || part.startsWith(`${name}.`))
  for (const [name, value] of parts) if (!isOwned(name)) fields.append(name, value)
  return fields
}

/** Reads the body to its end, within its bound, and takes it apart. */
async function formOf(request: unknown, most: number, signal: AbortSignal | undefined): Promise<FormData> {
  if (request instanceof FormData) return request
  const { type, length, body } = bodyOf(request)
  if (!FORM_DATA.test(type))
    throw unreadable(type === '' ? 'it has no content-type' : `it is ${type}, and not multipart/form-data`)
  const refuse = (): TruecropError => tooLong('body', most, 'The upload is too large: send less, or raise bodyBytes.')
  if (length > most) throw refuse()
  const bytes = await spool(body, signal, most, refuse)
  try {
    return await new Response(bytes, { headers: { 'content-type': type } }).formData()
  } catch (error) {
    throw unreadable((error as Error).message)
  }
}

function unreadable(why: string): TruecropError {
  return new TruecropError({ code: 'invalid-multipart', fault: 'input', detail: `The upload cannot be read: ${why}.` })
}

interface Body {
  type: string
  /** What the client says; NaN when it says nothing. */
  length: number
  body: AsyncIterator<unknown>
}

function bodyOf(request: unknown): Body {
  if (typeof Request !== 'undefined' && request instanceof Request) {
    if (request.bodyUsed) throw consumed()
    const body = chunksOf(request.body ?? new Blob().stream())
    return { type: request.headers.get('content-type') ?? '', length: lengthOf(request.headers.get('content-length')), body }
  }
  const { headers, readableEnded } = (request ?? {}) as { headers?: IncomingForm['headers']; readableEnded?: boolean }
  const body = withoutEnd(request)
  if (!headers || !body) {
    const detail = `receive takes the request (a Request, or Node's IncomingMessage) or its FormData, not ${kindOf(request)}.`
    throw invalidOption(detail, 'request', 'Request', kindOf(request))
  }
  if (readableEnded) throw consumed()
  return { type: String(headers['content-type'] ?? ''), length: lengthOf(headers['content-length']), body }
}

const lengthOf = (header: unknown): number => (header === null || header === undefined ? NaN : Number(header))

function consumed(): TruecropError {
  const detail =
    'The body of this request was read already. Call receive before other readers of bodies, or pass it the FormData.'
  return invalidOption(detail, 'request', 'an unread body', 'a body that was read')
}

/** A Node stream's chunks. When reading stops early it is not destroyed, because the refusal goes out by the same connection. */
function withoutEnd(stream: unknown): AsyncIterator<unknown> | undefined {
  const { iterator } = (stream ?? {}) as { iterator?: (options: { destroyOnReturn: boolean }) => AsyncIterator<unknown> }
  return typeof iterator === 'function' ? iterator.call(stream, { destroyOnReturn: false }) : chunksOf(stream)
}
