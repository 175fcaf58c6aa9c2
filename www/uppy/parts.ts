/** Uploads whose parts go elsewhere than in one form: announced for `@uppy/aws-s3`, and completed when they, or a file of `@uppy/tus`, have come. */

import { TruecropError } from '../client/error.js'
import { Connection } from '../upload/connection.js'
import { located } from '../upload/located.js'
import type { Uploaded } from '../upload/types.js'

/** What `@uppy/aws-s3` wants of its `signRequest`. */
export interface SignedRequest {
  url: string
  headers: Record<string, string>
}

interface Announced {
  id: string
  parts: Record<string, { outputs: Record<string, SignedRequest & { method: string }> }>
}

/** An upload on its server. */
export interface Begun {
  /** The part of the server's addresses before `/v1`. */
  endpoint: string
  id: string
}

/** Announces a picture of one output, and gives where to put it. */
export async function announce(
  endpoint: string | URL | undefined,
  headers: Record<string, string> | undefined,
  name: string,
  receipt: string,
): Promise<{ begun: Begun; signed: SignedRequest }> {
  const connection = new Connection({ endpoint, headers })
  const announced = await connection.ask<Announced>('POST', '/v1/uploads', {
    body: `{"images":{${JSON.stringify(name)}:{"receipt":${receipt}}}}`,
    headers: { 'content-type': 'application/json' },
  })
  const put = Object.values(announced.parts[name]?.outputs ?? {})[0]
  if (put?.method !== 'PUT') {
    const detail = 'The store of this server is no bucket: send the file by @uppy/tus or @uppy/xhr-upload.'
    throw new TruecropError({ code: 'uploads-unsupported', fault: 'environment', detail })
  }
  return { begun: { endpoint: connection.address(''), id: announced.id }, signed: { url: put.url, headers: put.headers } }
}

/** The upload that a file of tus was of, by its address; nothing for one on another server than truecrop's. */
export function begunByTus(uploadURL: string | undefined): Begun | undefined {
  const [, endpoint, id] = /^(.*)\/v1\/tus\/([a-z2-7]{26})\/[^/]+$/.exec(uploadURL ?? '') ?? []
  return endpoint === undefined || id === undefined ? undefined : { endpoint, id }
}

/** Has an upload judged, and gives its pictures. */
export async function complete({ endpoint, id }: Begun, headers: Record<string, string> | undefined): Promise<Uploaded> {
  const connection = new Connection({ endpoint, headers })
  return located(connection, await connection.ask<Uploaded>('POST', `/v1/uploads/${id}/complete`))
}
