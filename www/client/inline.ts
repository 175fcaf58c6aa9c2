/**
 * The worker's script and the modules in files that bundlers treat as any script: for those that leave workers or wasm
 * files behind. Each is loaded when it is needed, and not at all where the worker and the wasm files are found.
 */

import type { ModuleKind } from '../protocol.js'

let inlineFirst = false

/** From now on workers and modules come from the page's own scripts, and no address is tried. */
export function preferInline(): void {
  inlineFirst = true
}

export const isInlineFirst = (): boolean => inlineFirst

/** The script of the worker, for a classic worker. */
export async function loadInlineWorker(): Promise<string> {
  return (await import('./inline/data/worker.js')).default
}

/** A module, as base64 of its gzipped bytes. */
export async function loadInlineModule(kind: ModuleKind): Promise<string> {
  if (kind === 'all') return (await import('./inline/data/all.js')).default
  if (kind === 'full') return (await import('./inline/data/full.js')).default
  if (kind === 'heic') return (await import('./inline/data/heic.js')).default
  return (await import('./inline/data/jpeg.js')).default
}

/**
 * Whether an address lies in the folder to which a development server of Vite, or of Nuxt, copies the package's scripts, without the
 * worker and the modules.
 */
export const isPrebundled = (address: string): boolean => /\/(?:\.vite|\.cache\/vite\/\w+)\/deps[^/]*\//.test(address)
