/** Makes the addresses of an answer absolute: a page of another origin could do nothing with them otherwise. */

import type { Connection } from './connection.js'
import type { Uploaded, UploadedImage } from './types.js'

export function located(connection: Connection, { images }: Uploaded): Uploaded {
  return { images: Object.fromEntries(Object.entries(images).map(([name, image]) => [name, locatedImage(connection, image)])) }
}

export function locatedImage(connection: Connection, image: UploadedImage): UploadedImage {
  const absolute = <T extends { url: string }>(link: T): T => ({ ...link, url: connection.absolute(link.url) })
  const { receipt, outputs, audit } = image
  return {
    ...image,
    ...(audit && { audit: { ...audit, source: connection.absolute(audit.source) } }),
    receipt: absolute(receipt),
    outputs: outputs.map(absolute),
  }
}
