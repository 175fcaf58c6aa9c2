// The uploads of tests/vectors/uploads.json, checked by `truecrop/node`: the same refusals as the native server's. The members of a case are
// explained in crates/truecrop-server/tests/forgeries.rs.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import * as built from '../../dist/node.js'
import type * as Node from '../../www/node/index.js'

const { crop, receive, toProblem } = built as unknown as typeof Node

type Json = Record<string, unknown>
type Parts = [string, Uint8Array<ArrayBuffer>][]

interface Part {
  part: string
  text?: string
  spaces?: number
  fixture?: string
  output?: string
}

interface Case {
  name: string
  upload: string
  source?: boolean
  receipt?: Record<string, unknown>
  output?: { of?: string; fixture?: string; append?: string; segment?: number; half?: boolean; empty?: boolean }
  text?: [string, string]
  parts?: (string | Part)[]
  flip?: string
  config?: { level?: 'result' | 'committed' | 'source'; policy?: Json; limits?: Record<string, number> }
  refusal?: { status: number; code: string; field?: string }
  proves?: string
}

interface Upload {
  receipt: string
  outputs: Parts
  source: Uint8Array<ArrayBuffer>
}

const read = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(`../${path}`, import.meta.url)))
const table = JSON.parse(Buffer.from(read('vectors/uploads.json')).toString('utf8')) as {
  recipe: { crop: { x: number; y: number; width: number; height: number }; width: number; height: number }
  uploads: Record<string, { source: string; formats: ('jpeg' | 'png' | 'webp')[] }>
  cases: Case[]
}
const uploads = new Map<string, Upload>()
const uploadOf = (name: string): Upload => structuredClone(uploads.get(name) as Upload)
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const digestOf = (bytes: Uint8Array): string => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`

const { width, height } = table.recipe
const recipeOf = (formats: readonly ('jpeg' | 'png' | 'webp')[]) => ({
  truecrop: 1 as const,
  crop: table.recipe.crop,
  outputs: formats.map((format, i) => ({ name: i === 0 ? 'main' : `extra${i}`, width, height, format })),
})

beforeAll(async () => {
  for (const [name, { source, formats }] of Object.entries(table.uploads)) {
    const file = read(`fixtures/${source}`)
    const { receipt, outputs } = await crop(file, recipeOf(formats))
    uploads.set(name, { receipt, outputs: outputs.map(({ name, bytes }) => [name, bytes]), source: file })
  }
})

/** RFC 8785, of what receipts hold: JavaScript writes numbers and texts as it says. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`
}

/** Members of the receipt set by JSON pointer, with the digest that fits. */
function forge(upload: Upload, members: Record<string, unknown>): void {
  const receipt = JSON.parse(upload.receipt) as Json
  for (const [pointer, value] of Object.entries(members)) {
    const path = pointer.split('/').slice(1)
    const last = path.pop() as string
    const parent = path.reduce<Json>((at, member) => at[member] as Json, receipt)
    parent[last] = value
  }
  delete receipt['digest']
  upload.receipt = canonical({ ...receipt, digest: digestOf(bytesOf(canonical(receipt))) })
}

function forgedOutput(how: NonNullable<Case['output']>, upload: Upload): Uint8Array<ArrayBuffer> {
  const own = how.of === undefined ? upload : uploadOf(how.of)
  let bytes = Buffer.from(how.fixture === undefined ? (own.outputs[0]?.[1] as Uint8Array) : read(`fixtures/${how.fixture}`))
  if (how.append !== undefined) bytes = Buffer.concat([bytes, bytesOf(how.append)])
  if (how.segment !== undefined) {
    const segment = Buffer.from([0xff, how.segment, 0, 6, ...bytesOf('Exif')])
    bytes = Buffer.concat([bytes.subarray(0, 2), segment, bytes.subarray(2)])
  }
  if (how.half) bytes = bytes.subarray(0, bytes.length >> 1)
  return new Uint8Array(how.empty ? [] : bytes)
}

function changed(given: Case): Upload {
  const upload = uploadOf(given.upload)
  if (given.receipt) forge(upload, given.receipt)
  if (given.output) {
    const bytes = forgedOutput(given.output, upload)
    forge(upload, { '/outputs/0/bytes': bytes.length, '/outputs/0/digest': digestOf(bytes) })
    upload.outputs = [['main', bytes]]
  }
  if (given.text) {
    expect(upload.receipt).toContain(given.text[0])
    upload.receipt = upload.receipt.replace(given.text[0], () => given.text?.[1] ?? '')
  }
  return upload
}

function onePart(part: string | Part, upload: Upload): Parts[number] {
  const output = (name: string) => upload.outputs.find(([own]) => own === name)?.[1] as Uint8Array<ArrayBuffer>
  if (typeof part !== 'string') {
    const { text, spaces, fixture, output: from } = part
    if (text !== undefined) return [part.part, bytesOf(text)]
    if (spaces !== undefined) return [part.part, bytesOf(' '.repeat(spaces))]
    return [part.part, fixture === undefined ? output(from as string) : read(`fixtures/${fixture}`)]
  }
  if (part === 'receipt') return ['main.receipt', bytesOf(upload.receipt)]
  if (part === 'recipe') return ['main.recipe', bytesOf(JSON.stringify(recipeOf(['jpeg'])))]
  if (part === 'source') return ['main.source', upload.source]
  return [upload.outputs.length === 1 ? part : `main.${part}`, output(part)]
}

function partsOf(given: Case): Parts {
  const upload = changed(given)
  const usual = ['receipt', ...upload.outputs.map(([name]) => name), ...(given.source ? ['source'] : [])]
  const parts = (given.parts ?? usual).map((part) => onePart(part, upload))
  if (given.flip !== undefined) {
    const name = given.flip === 'source' ? 'main.source' : given.flip
    const bytes = parts.find(([part]) => part === name)?.[1] as Uint8Array
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1
  }
  return parts
}

/** The request as a browser, or an attacker, sends it. */
function requestOf(parts: Parts): Request {
  const edge = 'frontier'
  const body = parts.flatMap(([name, bytes]) => [
    `--${edge}\r\nContent-Disposition: form-data; name="${name}"; filename="f"\r\n\r\n`,
    bytes,
    '\r\n',
  ])
  const headers = { 'content-type': `multipart/form-data; boundary=${edge}` }
  return new Request('http://localhost/', { method: 'POST', headers, body: new Blob([...body, `--${edge}--\r\n`]) })
}

test.each(table.cases)('$name', async (given) => {
  const received = await receive(requestOf(partsOf(given)), given.config).catch((error: unknown) => toProblem(error))
  if (!given.refusal) {
    expect(received).toHaveProperty('pictures')
    expect('pictures' in received && received.pictures['main']?.verdict.level).toBe(given.proves ?? 'result')
    return
  }
  expect(received).toMatchObject({ status: given.refusal.status, headers: { 'content-type': 'application/problem+json' } })
  const problem = JSON.parse((received as { body: string }).body) as Json
  expect(problem).toMatchObject({ ...given.refusal, detail: expect.stringMatching(/.{20}/) })
})
