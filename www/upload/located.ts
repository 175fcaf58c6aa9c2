/** Makes the addresses of an answer absolute: a page of another origin could do nothing with them otherwise. */

import type { Connection } from './connection.js'
import type { Uploaded } from './types.js'

export function located(connection: Connection, { images }: Uploaded): Uploaded {
  const absolute = <T extends { url: string }>(link: T): T => ({ ...link, url: connection.absolute(link.url) })
  const found = Object.entries(images).map(([name, image]) => {
    const { receipt, outputs } = image
    return [name, { ...image, receipt: absolute(receipt), outputs: outputs.map(absolute) }] as const
  })
  return { images: Object.fromEntries(found) }
}
