/** Draws the photo on the stage. Loaded with the gestures, before there is a photo. */

import type { Solved } from '../../protocol.js'
import type { DrawnPhoto, DrawnPlace } from '../screen/stage.js'

/** Draws the photo as its view says. The canvas is empty before. */
export function paint(context: CanvasRenderingContext2D, { proxy, size, solved }: DrawnPhoto, place: DrawnPlace): void {
  const { background, box, ratio } = place
  const { left, top, width, height } = box
  if (background && background !== 'transparent') {
    context.fillStyle = background
    context.fillRect(0, 0, context.canvas.width, context.canvas.height)
  }
  const { crop, view } = solved
  const scale = (width * ratio) / crop.width
  const [horizontal, vertical] = flips(view.flip)
  context.translate((left + width / 2) * ratio, (top + height / 2) * ratio)
  context.rotate((view.rotate * Math.PI) / 180)
  context.scale(horizontal * scale, vertical * scale)
  context.translate(-crop.x - crop.width / 2, -crop.y - crop.height / 2)
  context.imageSmoothingQuality = 'medium'
  context.drawImage(proxy, 0, 0, size.width, size.height)
  if (!place.isHollow) return
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.globalCompositeOperation = 'destination-out'
  context.beginPath()
  if (place.isRound) context.ellipse(left + width / 2, top + height / 2, width / 2, height / 2, 0, 0, 2 * Math.PI)
  else context.rect(left, top, width, height)
  context.fill()
  context.globalCompositeOperation = 'source-over'
}

/** The factors by which x and y are mirrored. */
export function flips(flip: Solved['view']['flip']): readonly [number, number] {
  return [/horizontal|both/.test(flip) ? -1 : 1, /vertical|both/.test(flip) ? -1 : 1]
}
