/** Sends the photos that the server asks for: the audits of docs/SERVER.md. */

import type { Connection } from './connection.js'
import { locatedImage } from './located.js'
import type { Picture, Uploaded, UploadedImage } from './types.js'

/**
 * The pictures as they are once their photos have proved them. Those whose photo was not given stay as they are.
 *
 * @throws UploadError where a photo does not prove its picture, such as `source-mismatch`
 */
export async function answerAudits(
  connection: Connection,
  { images }: Uploaded,
  pictures: Record<string, Picture>,
): Promise<Uploaded> {
  const answered = { ...images }
  for (const [name, { audit }] of Object.entries(images)) {
    const source = pictures[name]?.source
    if (audit?.state !== 'waiting' || !source) continue
    answered[name] = locatedImage(connection, await connection.ask<UploadedImage>('POST', audit.source, { body: source }))
  }
  return { images: answered }
}
