/** What can be opened: a file, a blob such as a camera's shot, or an address. */

export type PhotoSource = File | Blob | URL | string

export function isPhotoSource(value: unknown): value is PhotoSource {
  return value instanceof Blob || value instanceof URL || (typeof value === 'string' && value !== '')
}

/** The blob as a file: blobs have no name. */
export function toFile(blob: Blob): File {
  return blob instanceof File ? blob : new File([blob], 'photo', { type: blob.type })
}

/** Loads the photo at an address, as `loadFile` of load-file.ts does. */
export async function loadAddress(address: string | URL, base: string, signal: AbortSignal): Promise<File> {
  return (await import('./load-file.js')).loadFile(address, base, signal)
}
