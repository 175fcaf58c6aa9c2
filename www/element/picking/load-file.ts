/** Loads the photo at an address. A file of its own: most pages open no addresses. */

import { TruecropError } from '../../client/error.js'

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
  return new File([blob], fileName(url) ?? 'photo', { type: blob.type })
}

function fileName({ protocol, pathname }: URL): string | undefined {
  const last = /^https?:$/.test(protocol) ? pathname.split('/').pop() : ''
  try {
    return last ? decodeURIComponent(last) : undefined
  } catch {
    return last
  }
}
