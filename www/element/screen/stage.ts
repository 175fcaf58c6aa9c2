/**
 * Shows the photo under the frame, drawn from the proxy, and the exact picture over the frame once it is rendered. The
 * canvas is only drawn to, never read. All lengths are CSS pixels of the stage's own box, which CSS transforms do not
 * change.
 */

import type { Facts, Solved } from '../../protocol.js'
import type { Aspect, Size } from '../editing/geometry.js'

export interface Box {
  left: number
  top: number
  width: number
  height: number
}

export interface Nudge {
  x: number
  y: number
}

export interface Look {
  background: string | undefined
  isRound: boolean
}

/** The photo, small, and where the view says that it is. */
export interface DrawnPhoto {
  proxy: ImageBitmap
  /** Of the photo itself. */
  size: Size
  solved: Solved
}

/** Where it is drawn, and how. */
export interface DrawnPlace extends Look {
  /** The frame, in CSS pixels, and with it the photo where that gives way. */
  box: Box
  /** Device pixels in a CSS pixel. */
  ratio: number
  /** Whether the frame is left empty: the exact picture lies there, which may be transparent. */
  isHollow: boolean
}

/** Space around the frame, as a fraction of the stage's shorter side. */
const MARGIN = 0.07
/** Space for the handles of a free frame, in CSS pixels. */
const HANDLES = 24
/** More device pixels per CSS pixel than this cost time and cannot be seen while the photo moves. */
const MAX_PIXEL_RATIO = 3

/** The largest box of this aspect ratio in the middle of the stage, with some space around it: `least` pixels or more. */
export function fitFrame(width: number, height: number, [aw, ah]: Aspect, least = 0): Box {
  const margin = Math.max(least, Math.round(Math.min(width, height) * MARGIN))
  const [roomX, roomY] = [Math.max(1, width - 2 * margin), Math.max(1, height - 2 * margin)]
  const fitted = Math.min(roomX, (roomY * aw) / ah)
  const [w, h] = [Math.max(1, Math.round(fitted)), Math.max(1, Math.round((fitted * ah) / aw))]
  return { left: Math.round((width - w) / 2), top: Math.round((height - h) / 2), width: w, height: h }
}

export class Stage {
  readonly root: HTMLElement
  readonly #canvas: HTMLCanvasElement
  readonly #exact: HTMLImageElement
  readonly frame: HTMLElement
  /** Draws the photo. The part `gestures` sets it, which is loaded before there is one. */
  paint: ((context: CanvasRenderingContext2D, photo: DrawnPhoto, place: DrawnPlace) => void) | undefined
  #url: string | undefined
  /** The frame's box while a handle is dragged, and on its way back. */
  #held: Box | undefined
  #nudge: Nudge = { x: 0, y: 0 }
  #box: Box = { left: 0, top: 0, width: 1, height: 1 }

  constructor(document: Document) {
    this.root = document.createElement('div')
    this.root.className = 'stage'
    this.root.part.add('stage')
    this.#canvas = document.createElement('canvas')
    this.#canvas.setAttribute('aria-hidden', 'true')
    this.#exact = document.createElement('img')
    this.#exact.part.add('exact')
    this.#exact.className = 'exact'
    this.#exact.hidden = true
    this.frame = document.createElement('div')
    this.frame.className = 'frame'
    this.frame.part.add('frame')
    this.root.append(this.#canvas, this.#exact, this.frame)
  }

  /** The frame's box in the stage. */
  get box(): Box {
    return this.#box
  }

  /** The box that a frame has in the stage. */
  fit(aspect: Aspect, isFree: boolean): Box {
    return fitFrame(this.root.clientWidth, this.root.clientHeight, aspect, isFree ? HANDLES : 0)
  }

  /** Keeps the frame's box where it is put, until `undefined` sets it free. */
  hold(box: Box | undefined): void {
    this.#held = box
  }

  /** Draws the photo beside where its view says, by CSS pixels: it gives way when it is pulled beyond its end. */
  nudge(by: Nudge): void {
    this.#nudge = by
    this.#exact.style.translate = `${by.x}px ${by.y}px`
  }

  get nudged(): Nudge {
    return this.#nudge
  }

  /** Whether the exact picture is shown. */
  get showsExact(): boolean {
    return !this.#exact.hidden
  }

  /** Device pixels of the stage's longer side. */
  get longerSide(): number {
    return Math.ceil(Math.max(this.root.clientWidth, this.root.clientHeight) * pixelRatio())
  }

  /** Fits the frame, the canvas and the exact picture to the stage's size. */
  layout(aspect: Aspect, isFree: boolean): void {
    const [width, height] = [this.root.clientWidth, this.root.clientHeight]
    this.#box = this.#held ?? this.fit(aspect, isFree)
    for (const element of [this.frame, this.#exact]) setBox(element, this.#box)
    const [columns, rows] = [Math.round(width * pixelRatio()), Math.round(height * pixelRatio())]
    if (this.#canvas.width !== columns) this.#canvas.width = columns
    if (this.#canvas.height !== rows) this.#canvas.height = rows
  }

  /** Draws the photo as the view says. The area under the exact picture is left empty, because that may be transparent. */
  draw(proxy: ImageBitmap | undefined, facts: Facts | undefined, solved: Solved | undefined, look: Look): void {
    const context = this.#canvas.getContext('2d')
    if (!context) return
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height)
    if (!proxy || !facts || !solved) return
    const { left, top, width, height } = this.#box
    const box = { left: left + this.#nudge.x, top: top + this.#nudge.y, width, height }
    this.paint?.(context, { proxy, size: facts, solved }, { ...look, box, ratio: pixelRatio(), isHollow: this.showsExact })
  }

  /** Shows the exact picture over the frame once it is decoded. Returns `false` when another one was set meanwhile. */
  async showExact(picture: Blob, alt: string): Promise<boolean> {
    const url = URL.createObjectURL(picture)
    this.#revokeUrl()
    this.#url = url
    this.#exact.alt = alt
    this.#exact.src = url
    await this.#exact.decode().catch(() => undefined)
    if (this.#url !== url) return false
    this.#exact.hidden = false
    return true
  }

  /** Goes back to the drawn photo. */
  hideExact(): void {
    this.#exact.hidden = true
    this.#revokeUrl()
  }

  #revokeUrl(): void {
    if (this.#url) URL.revokeObjectURL(this.#url)
    this.#url = undefined
  }
}

function pixelRatio(): number {
  return Math.min(MAX_PIXEL_RATIO, globalThis.devicePixelRatio || 1)
}

function setBox(element: HTMLElement, box: Box): void {
  // Through the CSSOM, because the policy style-src 'self' forbids style attributes.
  element.style.left = `${box.left}px`
  element.style.top = `${box.top}px`
  element.style.width = `${box.width}px`
  element.style.height = `${box.height}px`
}
