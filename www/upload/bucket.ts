/** The way in parts: announce what will come, put each part where the answer says (into a bucket, or to the server piece by piece), and have it judged. */

import { type Answer, type Connection, LATER, problemOf } from './connection.js'
import { UploadError } from './error.js'
import { located } from './located.js'
import { putResumable } from './resume.js'
import type { Picture, Uploaded } from './types.js'

/** A request that the server has signed, or that appends to a part (`PATCH`). */
interface Put {
  method: 'PUT' | 'PATCH'
  url: string
  headers: Record<string, string>
  bytes: number
}

interface Announced {
  id: string
  parts: Record<string, { outputs: Record<string, Put>; source?: Put }>
}

/** Objects that are put at the same time. */
const AT_ONCE = 4

export async function byBucket(connection: Connection, pictures: Record<string, Picture>): Promise<Uploaded> {
  const announced = await connection.ask<Announced>('POST', '/v1/uploads', {
    body: announcement(pictures),
    headers: { 'content-type': 'application/json' },
  })
  const path = `/v1/uploads/${announced.id}`
  let completing = false
  try {
    await putAll(connection, path, partsOf(announced, pictures))
    completing = true
    return located(connection, await connection.ask<Uploaded>('POST', `${path}/complete`))
  } catch (error) {
    // What is refused is decided; of what was given up, or did not get through, nothing should stay.
    const decided = completing && error instanceof UploadError && error.status > 0
    if (!decided) connection.abandon(path)
    throw error
  }
}

/** The receipts as they are: to read them and write them again could change their numbers. */
function announcement(pictures: Record<string, Picture>): string {
  const each = Object.entries(pictures).map(([name, { result, source }]) => {
    const { bytes, digest } = (JSON.parse(result.receipt) as { source: { bytes: number; digest: string } }).source
    const facts = source ? `,"source":${JSON.stringify({ bytes, digest })}` : ''
    return `${JSON.stringify(name)}:{"receipt":${result.receipt}${facts}}`
  })
  return `{"images":{${each.join(',')}}}`
}

function partsOf({ parts }: Announced, pictures: Record<string, Picture>): [Put, Blob][] {
  const found: [Put, Blob][] = []
  for (const [name, { result, source }] of Object.entries(pictures)) {
    const puts = parts[name]
    result.outputs.forEach((file, i) => {
      const put = puts?.outputs[result.names[i] ?? '']
      if (put) found.push([put, file])
    })
    if (source && puts?.source) found.push([puts.source, source])
  }
  return found
}

async function putAll(connection: Connection, path: string, parts: [Put, Blob][]): Promise<void> {
  const sent = parts.map(() => 0)
  const total = parts.reduce((sum, [, blob]) => sum + blob.size, 0)
  const tell = (part: number, bytes: number): void => {
    sent[part] = bytes
    const loaded = sent.reduce((sum, bytes) => sum + bytes, 0)
    connection.tell({ phase: loaded < total ? 'sending' : 'checking', loaded, total })
  }
  // One that fails ends the others: nothing can come of them.
  const ended = new AbortController()
  const giveUp = (): void => ended.abort(connection.signal?.reason)
  connection.signal?.addEventListener('abort', giveUp)
  let next = 0
  const work = async (): Promise<void> => {
    while (next < parts.length && !ended.signal.aborted) {
      const part = next++
      const [put, blob] = parts[part] as [Put, Blob]
      await putOne(connection, path, put, blob, ended.signal, (bytes) => tell(part, bytes))
      tell(part, blob.size)
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  } finally {
    connection.signal?.removeEventListener('abort', giveUp)
    ended.abort()
  }
}

async function putOne(
  connection: Connection,
  path: string,
  put: Put,
  blob: Blob,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<void> {
  if (put.method === 'PATCH') {
    const answer = await putResumable(connection, path, put, blob, signal, onSent)
    if (answer.status >= 200 && answer.status < 300) return
    throw new UploadError(problemOf(answer))
  }
  const request = { method: 'PUT' as const, url: put.url, headers: put.headers, body: blob, onSent }
  // 409: another write of the same object has not ended yet.
  const answer = await connection.send(request, [...LATER, 409], signal)
  // It is there already: an answer was lost, and the request made again. Whether it is right is for the server to say.
  if (answer.status === 412 || (answer.status >= 200 && answer.status < 300)) return
  throw refused(answer)
}

function refused(answer: Answer): UploadError {
  if (answer.status === 0) return new UploadError(problemOf(answer))
  const detail = `The store refused a part of this upload with the status ${answer.status}: try again.`
  // What it says is for the operator: `<Code>` of S3's XML.
  const got = /<Code>([^<]+)/.exec(answer.text)?.[1]
  return new UploadError({ code: 'refused-by-store', status: answer.status, detail, got })
}
