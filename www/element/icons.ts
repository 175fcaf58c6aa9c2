/** The element's icons: strokes on a 24 x 24 grid, in the colour of the text. */

const PATHS = {
  photo: 'M4 5h16v14H4zM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15.5 9.5h.01',
  in: 'M12 6v12M6 12h12',
  out: 'M6 12h12',
  turnLeft: 'M10 12h10v8H10zM5 13V9a4 4 0 0 1 4-4h5M2 10l3 3 3-3',
  turnRight: 'M4 12h10v8H4zM19 13V9a4 4 0 0 0-4-4h-5M16 10l3 3 3-3',
  mirror: 'M12 3v18M9 7v10H3zM15 7v10h6z',
  upsideDown: 'M3 12h18M7 9h10V3zM7 15h10v6z',
  undo: 'M9 14 4 9l5-5M4 9h10a5.5 5.5 0 0 1 0 11h-3',
  redo: 'm15 14 5-5-5-5M20 9H10a5.5 5.5 0 0 0 0 11h3',
  reset: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M9 9h6v6H9z',
  replace: 'M20 11V5H4v14h9M4 16l4.5-4.5 4 4 1.5-1.5M15.5 9.5h.01M19 15v6M16 18h6',
  left: 'M19 12H5m6-6-6 6 6 6',
  right: 'M5 12h14m-6-6 6 6-6 6',
  up: 'M12 19V5m-6 6 6-6 6 6',
  down: 'M12 5v14m-6-6 6 6 6-6',
} as const

export type Icon = keyof typeof PATHS

/** An icon, hidden from screen readers: its button has a label. */
export function icon(document: Document, name: Icon): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(namespace, 'svg')
  const path = document.createElementNS(namespace, 'path')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  path.setAttribute('d', PATHS[name])
  svg.append(path)
  return svg
}
