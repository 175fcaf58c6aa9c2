/**
 * Uploads what the element or `openPhoto` made to a truecrop server: as a form, or by way of the server's bucket, where the photo
 * itself may come too, of any size.
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
  const bucket = isMade && (way === 'bucket' || (way === 'auto' && (await givesAddresses(connection))))
  return bucket ? byBucket(connection, what) : asForm(connection, formOf(what))
}

/** Whether the server's store gives clients addresses to put to. */
async function givesAddresses(connection: Connection): Promise<boolean> {
  return (await connection.ask<{ uploads?: boolean }>('GET', '/v1/limits')).uploads === true
}
