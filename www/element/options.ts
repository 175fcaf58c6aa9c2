/** The element's attributes as values: every default and every refusal in one place. */

import { type TruecropError, invalidOption } from '../client/error.js'
import type { Facts, Format, OutputSpec } from '../protocol.js'
import type { Aspect } from './geometry.js'

/** One output as the page asks for it; what is missing comes from the attributes. */
export interface WantedOutput {
  name: string
  width: number
  height: number
  format?: Format | 'auto'
  quality?: number
  maxBytes?: number
}

export interface Options {
  outputs: WantedOutput[]
  aspect: Aspect
  background: string | undefined
  maxZoom: number
  wheel: 'always' | 'ctrl' | 'focus'
  touch: 'stage' | 'page'
  controls: 'bar' | 'full' | 'none'
  /** What could not be understood; the default was taken. */
  faults: TruecropError[]
}

/** The largest number of bytes that a recipe can name. */
const MOST_BYTES = 4_294_967_295

/** The longer side of the output when no size is given. */
const DEFAULT_SIDE = 512

type Read = (attribute: string) => string | null

/** Reads the attributes. `given` are outputs set by script; they win over the sizes in attributes. */
export function readOptions(read: Read, given?: readonly WantedOutput[]): Options {
  const faults: TruecropError[] = []
  const choice = <T extends string>(attribute: string, values: readonly [T, ...T[]]): T => {
    const value = read(attribute)
    if (value === null || value === '') return values[0]
    if ((values as readonly string[]).includes(value)) return value as T
    faults.push(invalidOption(`The attribute ${attribute} is one of ${values.join(', ')}.`, attribute, values, value))
    return values[0]
  }
  const whole = (attribute: string, greatest: number): number | undefined => {
    const value = read(attribute)
    if (value === null || value === '') return undefined
    const number = Number(value)
    if (Number.isInteger(number) && number > 0 && number <= greatest) return number
    faults.push(
      invalidOption(`The attribute ${attribute} is a whole number from 1 to ${greatest}.`, attribute, `1 to ${greatest}`, value),
    )
    return undefined
  }
  const shape = readShape(read('aspect'), faults)
  const [width, height] = sizeOf(whole('width', 16_383), whole('height', 16_383), shape)
  const format = choice('format', ['auto', 'jpeg', 'png', 'webp'])
  const quality = whole('quality', 100)
  const maxBytes = whole('max-bytes', MOST_BYTES)
  const shared = { format, ...(quality && { quality }), ...(maxBytes && { maxBytes }) }
  const single: WantedOutput = { name: readName(read('name'), faults), width, height, ...shared }
  const outputs = given?.length ? given.map((output) => ({ ...shared, ...output })) : [single]
  const first = outputs[0] ?? single
  return {
    outputs,
    aspect: [first.width, first.height],
    background: readBackground(read('background'), faults),
    maxZoom: readMaxZoom(read('max-zoom'), faults),
    wheel: choice('wheel', ['always', 'ctrl', 'focus']),
    touch: choice('touch', ['stage', 'page']),
    controls: choice('controls', ['bar', 'full', 'none']),
    faults,
  }
}

/** The outputs of a recipe: `auto` keeps the source's kind, JPEG for photos and PNG for what may be transparent. */
export function outputsFor(options: Options, facts: Facts): OutputSpec[] {
  const opaque = !facts.alpha || (options.background !== undefined && options.background !== 'transparent')
  const needsAlpha = !opaque || options.background === 'transparent'
  return options.outputs.map(({ name, width, height, format, quality, maxBytes }) => {
    const chosen: Format = !format || format === 'auto' ? (needsAlpha ? 'png' : 'jpeg') : format
    const output = { name, width, height, format: chosen, ...(chosen === 'jpeg' && quality && { quality }) }
    return { ...output, ...(maxBytes && { maxBytes }) }
  })
}

/** Width and height as whole numbers of exactly this shape where one of them is free; a size that was asked for stays. */
export function sizeOf(width: number | undefined, height: number | undefined, shape: Aspect): Aspect {
  if (width && height) return [width, height]
  const [a, b] = shape
  if (width) return [width, Math.max(1, Math.round((width * b) / a))]
  if (height) return [Math.max(1, Math.round((height * a) / b)), height]
  const times = Math.max(1, Math.floor(DEFAULT_SIDE / Math.max(a, b)))
  return [a * times, b * times]
}

function readShape(text: string | null, faults: TruecropError[]): Aspect {
  if (text === null || text === '') return [1, 1]
  const match = /^\s*(\d{1,5})\s*[:/x]\s*(\d{1,5})\s*$/.exec(text)
  const [a, b] = [Number(match?.[1]), Number(match?.[2])]
  if (a > 0 && b > 0) {
    const common = divisor(a, b)
    return [a / common, b / common]
  }
  faults.push(invalidOption('The attribute aspect is two whole numbers above 0.', 'aspect', '16:9', text))
  return [1, 1]
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b)
}

function readName(text: string | null, faults: TruecropError[]): string {
  if (text === null || text === '') return 'main'
  if (/^[a-z0-9_-]{1,32}$/.test(text) && !['receipt', 'recipe', 'source'].includes(text)) return text
  const expected = '1 to 32 of a-z, 0-9, - and _; not receipt, recipe or source'
  faults.push(invalidOption("The attribute name is also the output's name and the part's name.", 'name', expected, text))
  return 'main'
}

function readBackground(text: string | null, faults: TruecropError[]): string | undefined {
  if (text === null || text === '') return undefined
  if (text === 'transparent' || /^#[0-9a-f]{6}$/i.test(text)) return text.toLowerCase()
  faults.push(invalidOption('A background is written #rrggbb, or transparent.', 'background', '#rrggbb', text))
  return undefined
}

function readMaxZoom(text: string | null, faults: TruecropError[]): number {
  if (text === null || text === '') return Number.POSITIVE_INFINITY
  const value = Number(text)
  if (value >= 1) return value
  faults.push(invalidOption('The attribute max-zoom is a number of at least 1.', 'max-zoom', 'at least 1', text))
  return Number.POSITIVE_INFINITY
}
