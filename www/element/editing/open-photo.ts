/** Opens a photo in the engine or, where that cannot run, by the platform's decoder: the server then makes the pixels. */

import type { CallOptions, Truecrop } from '../../client/index.js'
import { TruecropError } from '../../client/error.js'
import { Result } from '../../client/photo.js'
import { solve } from './geometry.js'
import type { Bounds } from './limits.js'
import type { OpenPhoto } from './photo.js'

interface OpenOptions extends CallOptions {
  /** Hears why the engine could not run, where the platform has taken its place. */
  onFallback: ((why: TruecropError) => void) | undefined
  /** Address of what the server takes. */
  limits: string | undefined
  /** A policy token. */
  policy: string | undefined
  /** Hears what the server takes, where that is asked for. */
  onBounds: (bounds: Bounds | undefined) => void
}

/**
 * Opens a file.
 *
 * @throws TruecropError of the engine, or for a file that the server would refuse.
 */
export async function openPhoto(
  client: Truecrop,
  file: File,
  { onFallback, onBounds, limits, policy, ...options }: OpenOptions,
): Promise<OpenPhoto> {
  const bounds = limits || policy ? await (await import('./limits.js')).boundsOf({ limits, policy }, TruecropError) : undefined
  onBounds(bounds)
  bounds?.checkFile(file)
  const photo = await client.open(file, options).catch(async (error: unknown) => {
    const isMissing = error instanceof TruecropError && error.code === 'engine-unavailable'
    if (!isMissing || !onFallback) throw error
    const plain = await import('./plain-photo.js')
      .then(({ openPlainPhoto }) => openPlainPhoto(file, { solve, Result }))
      .catch(() => undefined)
    if (!plain) throw error
    onFallback(error)
    return plain
  })
  try {
    bounds?.checkFacts(photo.facts)
  } catch (error) {
    void photo.close()
    throw error
  }
  return photo
}
