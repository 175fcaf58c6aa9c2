/** The crop without a user interface, for a component of your own. */

import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import type { Recipe, Result, View } from '../client/index.js'
import { type CropOptions, CropSession, type CropState } from '../headless/crop-session.js'

export interface UseTrueCrop extends CropState {
  /** Opens a photo; `null` closes it. */
  open(file: Blob | null, view?: Partial<View>): Promise<void>
  /** Moves the photo: the members that are given, and the others as they were. */
  setView(view: Partial<View>): void
  /** Where the photo was when it was opened. */
  reset(): void
  /** Makes the pictures and their receipt. */
  render(options?: { signal?: AbortSignal; onProgress?: (done: number) => void }): Promise<Result>
  /** What is shown, as a recipe. */
  recipe: Recipe | undefined
}

/**
 * ```tsx
 * const { open, proxy, view, solved, setView, render } = useTrueCrop({ outputs: [{ name: 'main', width: 512, height: 512, format: 'jpeg' }] })
 * ```
 *
 * Draw `proxy` (an `ImageBitmap` of the whole photo) by `view`, move it by `setView`, and send `(await render()).toFormData('avatar')`. The photo is closed with the
 * component.
 */
export function useTrueCrop(options: CropOptions): UseTrueCrop {
  const [session, setSession] = useState(() => new CropSession(options))
  const closed = useRef<CropSession>(undefined)
  // By their content, because they are written as a literal in most components.
  const text = JSON.stringify(options)
  useEffect(() => session.setOptions(JSON.parse(text) as CropOptions), [session, text])
  useEffect(() => {
    // React's strict mode ends an effect and begins it again: the session is a new one then.
    if (closed.current === session) setSession(new CropSession(options))
    return () => {
      closed.current = session
      session.close()
    }
  }, [session])
  const subscribe = useCallback((listener: () => void) => session.subscribe(listener), [session])
  const state = useSyncExternalStore(
    subscribe,
    () => session.state,
    () => session.state,
  )
  const actions = useMemo(
    () => ({
      open: session.open.bind(session),
      setView: session.setView.bind(session),
      reset: session.reset.bind(session),
      render: session.render.bind(session),
    }),
    [session],
  )
  return { ...state, ...actions, recipe: session.recipe }
}
