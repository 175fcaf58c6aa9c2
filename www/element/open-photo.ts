/** Opens a photo in the engine or, where that cannot run, by the platform's decoder: the server then makes the pixels. */

import type { CallOptions, Photo, Truecrop } from '../client/index.js'
import { TruecropError } from '../client/error.js'
import { Result } from '../client/photo.js'
import { solve } from './geometry.js'

/** What the editor uses of a photo. */
export interface OpenPhoto extends Pick<Photo, 'facts' | 'proxy' | 'solve' | 'render' | 'close'> {
  /** The screen shows what the platform decoded, and the result is made by the server. */
  readonly isInexact?: boolean
}

/**
 * Opens a file. `onFallback` hears why the engine could not run, where the platform has taken its place.
 *
 * @throws TruecropError of the engine.
 */
export async function openPhoto(
  client: Truecrop,
  file: File,
  options: CallOptions,
  onFallback: ((why: TruecropError) => void) | undefined,
): Promise<OpenPhoto> {
  try {
    return await client.open(file, options)
  } catch (error) {
    const isMissing = error instanceof TruecropError && error.code === 'engine-unavailable'
    if (!isMissing || !onFallback) throw error
    const photo = await import('./plain-photo.js')
      .then(({ openPlainPhoto }) => openPlainPhoto(file, { solve, Result }))
      .catch(() => undefined)
    if (!photo) throw error
    onFallback(error)
    return photo
  }
}
