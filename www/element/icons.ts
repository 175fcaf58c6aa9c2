/** The element's icons: strokes on a 24 x 24 grid, in the colour of the text. */

const PATHS = {
  photo: 'M4 5h16v14H4zM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15.5 9.5h.01',
  in: 'M12 6v12M6 12h12',
  out: 'M6 12h12',
  turnLeft: 'M9 5 5 9l4 4M5 9h8a6 6 0 0 1 0 12h-3',
  turnRight: 'm15 5 4 4-4 4M19 9h-8a6 6 0 0 0 0 12h3',
  mirror: 'M12 3v18M9 7v10H3zM15 7v10h6z',
  upsideDown: 'M3 12h18M7 9h10V3zM7 15h10v6z',
  reset: 'M4 12a8 8 0 1 1 2.4 5.7M4 19v-5h5',
  replace: 'M12 15V4m0 0L8 8m4-4 4 4M4 14v5h16v-5',
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
