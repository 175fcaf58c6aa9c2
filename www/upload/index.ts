/**
 * Uploads what the element or `openPhoto` made to a truecrop server: as a form, or in parts, where the photo itself may come too, of any
 * size: by way of the server's bucket, or to the server, going on after a lost connection.
 *
 * ```ts
 * import { upload } from 'truecrop/upload'
 *
 * const { images } = await upload({ avatar: { result: element.result, source: element.file } }, {
 *   endpoint: 'https://pictures.example',
 *   onProgress: ({ loaded, total }) => (bar.value = loaded / total),
 * })
 * await fetch('/my/avatar', { method: 'POST', body: images.avatar.id }) // your back end confirms it
 * ```
 *
 * Importing this file has no side effects. What it sends is judged by the server: nothing here makes a picture true.
 */

import { answerAudits } from './audits.js'
import { byBucket } from './bucket.js'
import { Connection } from './connection.js'
import { UploadError } from './error.js'
import { asForm, formOf } from './form.js'
import type { Picture, Uploaded, UploadOptions } from './types.js'

export { UploadError } from './error.js'
export type { Picture, Progress, Uploaded, UploadedImage, UploadedOutput, UploadOptions } from './types.js'

/**
 * Uploads pictures by their names, or a form as it is. All of them are stored, or none. They wait on the server until your back
 * end confirms them.
 *
 * @throws UploadError with the server's code, such as `policy-violation`, or `unreachable`; the signal's reason when it is aborted.
 */
export async function upload(what: Record<string, Picture> | FormData, options: UploadOptions = {}): Promise<Uploaded> {
  const connection = new Connection(options)
  if (what instanceof FormData) return asForm(connection, what)
  if (Object.keys(what).length === 0) {
    throw new UploadError({ code: 'invalid-option', status: 0, detail: 'There is no picture to upload.', field: 'pictures' })
  }
  const way = options.way ?? 'auto'
  // Where the engine could not run, the server makes the pictures: of a form.
  const isMade = Object.values(what).every(({ result }) => result.receipt !== '')
  const sent = options.sendSource === 'asked' ? withoutSources(what) : what
  const inParts = isMade && (way === 'bucket' || (way === 'auto' && (await takesParts(connection, sent))))
  const uploaded = await (inParts ? byBucket(connection, sent) : asForm(connection, formOf(sent)))
  return answerAudits(connection, uploaded, what)
}

const withoutSources = (pictures: Record<string, Picture>): Record<string, Picture> =>
  Object.fromEntries(Object.entries(pictures).map(([name, { result }]) => [name, { result }]))

/** Bytes from which on it matters that a lost connection does not begin anew. */
const LONG = 8 << 20

/** Whether the server's store gives clients addresses to put to, or takes what is long piece by piece. */
async function takesParts(connection: Connection, pictures: Record<string, Picture>): Promise<boolean> {
  const { uploads, resumable } = await connection.ask<{ uploads?: boolean; resumable?: boolean }>('GET', '/v1/limits')
  const blobs = Object.values(pictures).flatMap(({ result, source }) => [...result.outputs, ...(source ? [source] : [])])
  const bytes = blobs.reduce((sum, blob) => sum + blob.size, 0)
  return uploads === true || (resumable === true && bytes >= LONG)
}
