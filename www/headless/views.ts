/** Views as frameworks hand them over. */

import type { View } from '../protocol.js'

/** The view as a plain object of its own: a proxy, as Vue makes them, cannot be sent to a worker. */
export function plainView({ zoom, center, rotate, flip }: View): View {
  return { zoom, center: { x: center.x, y: center.y }, rotate, flip }
}

/** Whether two views are the same, member by member. */
export function sameView(a: View | undefined, b: View | undefined): boolean {
  if (!a || !b) return a === b
  const same = a.zoom === b.zoom && a.rotate === b.rotate && a.flip === b.flip
  return same && a.center.x === b.center.x && a.center.y === b.center.y
}
