/** What can be opened: a file, a blob such as a camera's shot, or an address. */

import { TruecropError } from '../client/error.js'

export type PhotoSource = File | Blob | URL | string

export function isPhotoSource(value: unknown): value is PhotoSource {
  return value instanceof Blob || value instanceof URL || (typeof value === 'string' && value !== '')
}

/** The blob as a file: blobs have no name. */
export function toFile(blob: Blob, name = 'photo'): File {
  return blob instanceof File ? blob : new File([blob], name, { type: blob.type })
}

/**
 * Loads the photo at an address, which is relative to `base`.
 *
 * @throws TruecropError with the code `source-unavailable`, or the signal's reason.
 */
export async function loadFile(address: string | URL, base: string, signal: AbortSignal): Promise<File> {
  const unavailable = (why: string, got?: unknown): TruecropError => {
    const detail = `The photo could not be loaded from ${address}: ${why}.`
    return new TruecropError({ code: 'source-unavailable', fault: 'environment', detail, field: 'src', got })
  }
  let url: URL
  try {
    url = new URL(address, base)
  } catch {
    throw unavailable('this is not an address')
  }
  let blob: Blob
  try {
    const response = await fetch(url, { signal })
    if (!response.ok) throw unavailable(`the server answered ${response.status}`, response.status)
    blob = await response.blob()
  } catch (error) {
    if (signal.aborted || error instanceof TruecropError) throw error
    throw unavailable('check the address, the network, and whether that server allows this page to read it (CORS)')
  }
  return toFile(blob, fileName(url))
}

function fileName({ protocol, pathname }: URL): string | undefined {
  const last = /^https?:$/.test(protocol) ? pathname.split('/').pop() : ''
  try {
    return last ? decodeURIComponent(last) : undefined
  } catch {
    return last
  }
}
