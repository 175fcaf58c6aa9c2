/** Every text that the element shows or announces. Translate them through the element's `labels` property. */

import { typeRefusal } from './attributes.js'

export interface Labels {
  choose: string
  hint: string
  replace: string
  remove: string
  /** Shown while a file is dragged over the element. */
  drop: string
  /** Shown over the photo when the picture has more pixels than the crop. */
  enlarged: string
  /** Said when the crop is smaller than `min-width` and `min-height`. */
  tooFew: (width: number, height: number) => string
  stage: string
  keys: string
  zoom: string
  zoomIn: string
  zoomOut: string
  straighten: string
  crops: string
  aspects: string
  free: string
  handleKeys: string
  topLeft: string
  top: string
  topRight: string
  right: string
  bottomRight: string
  bottom: string
  bottomLeft: string
  left: string
  /** The size of a free frame's picture. */
  size: (width: number, height: number) => string
  turnLeft: string
  turnRight: string
  mirror: string
  upsideDown: string
  reset: string
  undo: string
  redo: string
  moveLeft: string
  moveRight: string
  moveUp: string
  moveDown: string
  opening: string
  ready: string
  result: string
  required: string
  rendering: string
  failed: string
  /** Said after a file that could not be opened, when there is a photo from before. */
  kept: string
  /** What is said, while the photo can be used, of something in it that is not shown. */
  profileIgnored: string
  pagesIgnored: string
  checksumIgnored: string
  /** Said on a page that the browser restored, which cannot restore the photo. */
  restored: (name: string) => string
  /** Announced to screen readers when the photo has stopped moving. */
  position: (left: number, top: number, zoom: number, degrees: number, mirrored: boolean) => string
}

export const english: Labels = {
  choose: 'Choose a photo',
  hint: 'or drop it here, or paste it',
  replace: 'Choose another photo',
  remove: 'Remove the photo',
  drop: 'Drop the photo here',
  enlarged: 'Enlarged: it may not look sharp',
  tooFew: (width, height) => `At least ${width} × ${height} pixels of the photo are needed: this crop has fewer.`,
  stage: 'Photo under the frame',
  keys: 'Arrow keys move the photo, with Shift further. Plus and minus zoom, Home and End zoom to the ends. R turns, F mirrors. Control Z undoes. 0 starts over.',
  zoom: 'Zoom',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  straighten: 'Straighten',
  crops: 'Pictures of this photo',
  aspects: 'Shape',
  free: 'Free',
  handleKeys: 'Arrow keys move it; with Shift further.',
  topLeft: 'Top left corner',
  top: 'Top edge',
  topRight: 'Top right corner',
  right: 'Right edge',
  bottomRight: 'Bottom right corner',
  bottom: 'Bottom edge',
  bottomLeft: 'Bottom left corner',
  left: 'Left edge',
  size: (width, height) => `${width} × ${height} pixels`,
  turnLeft: 'Turn left',
  turnRight: 'Turn right',
  mirror: 'Mirror left and right',
  upsideDown: 'Mirror top and bottom',
  reset: 'Start over',
  undo: 'Undo',
  redo: 'Redo',
  moveLeft: 'Move the photo left',
  moveRight: 'Move the photo right',
  moveUp: 'Move the photo up',
  moveDown: 'Move the photo down',
  opening: 'Opening the photo …',
  ready: 'The photo is open.',
  result: 'The picture that will be stored',
  required: 'Please choose a photo.',
  rendering: 'The picture is being made. One moment, please.',
  failed: 'This photo cannot be used.',
  kept: 'The photo from before is still here.',
  profileIgnored: 'Its colours may look different here: the photo’s colour profile could not be applied.',
  pagesIgnored: 'Only the first page of this file is used.',
  checksumIgnored: 'Parts of this photo may be damaged.',
  restored: (name) => `Please choose “${name}” again: browsers do not keep photos. Where you had moved it is kept.`,
  position: (left, top, zoom, degrees, mirrored) =>
    `Left ${left}%, top ${top}%, zoom ${zoom}%${degrees ? `, turned by ${degrees}°` : ''}${mirrored ? ', mirrored' : ''}`,
}

/** @throws TypeError for a text of the wrong type. Names that are not known are left alone. */
export function checkLabels(labels: unknown): void {
  if (typeof labels !== 'object' || labels === null) throw typeRefusal('labels must be an object', labels)
  for (const [name, text] of Object.entries(labels)) {
    const wanted = typeof english[name as keyof Labels]
    if (wanted !== 'undefined' && text !== undefined && typeof text !== wanted)
      throw typeRefusal(`labels.${name} must be a ${wanted}`, text)
  }
}
