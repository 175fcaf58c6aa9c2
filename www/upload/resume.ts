/** Puts a part to a server that takes it piece by piece (tus 1.0): after a connection is lost it goes on where it was. */

import { type Answer, type Connection, LATER, pause } from './connection.js'

/** Statuses after which the server knows better how much has come: another offset; somebody else writes. */
const ASK_AGAIN = [...LATER, 409, 423]

const TUS = { 'tus-resumable': '1.0.0' }

/**
 * The last answer: a success, or the refusal. The part begins anew where the server has thrown it away. `upload` is the path of the
 * upload, which tells why it has ended.
 *
 * @throws UploadError where it has ended; the signal's reason
 */
export async function putResumable(
  connection: Connection,
  upload: string,
  put: { url: string; headers: Record<string, string> },
  blob: Blob,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<Answer> {
  const url = connection.absolute(put.url)
  let offset = 0
  for (let tried = 0; ; tried += 1) {
    const headers = { ...put.headers, 'upload-offset': String(offset) }
    const from = offset
    const body = blob.slice(from)
    const answer = await connection.send(
      { method: 'PATCH', url, headers, body, onSent: (sent) => onSent(from + sent) },
      [],
      signal,
    )
    if (!ASK_AGAIN.includes(answer.status) || tried >= connection.retries) return answer
    await pause(answer.retryAfter ?? 2 ** tried * (0.5 + Math.random() / 2), signal)
    const head = await connection.send({ method: 'HEAD', url, headers: TUS }, LATER, signal)
    if (head.offset === undefined) {
      // An answer to HEAD has no body.
      if (head.status >= 400 && head.status < 500) await connection.ask('GET', upload)
      return head
    }
    // Whoever gets on is not stuck.
    if (head.offset > from) tried = -1
    offset = head.offset
    onSent(offset)
    if (offset === blob.size) return { ...head, status: 204 }
  }
}
