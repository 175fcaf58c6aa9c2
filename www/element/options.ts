/**
 * The options of `<true-crop>`, computed from its attributes. What the attributes mean together is in this file; names, ranges
 * and defaults of single ones are in attributes.ts.
 */

import type { Facts, Format, OutputSpec, View } from '../protocol.js'
import {
  CHOICES,
  type CheckedAttribute,
  type Choice,
  GREATEST,
  RULES,
  parseOutputName,
  refusal,
  typeRefusal,
} from './attributes.js'
import { type Aspect, isView } from './editing/geometry.js'

/** One output as the page describes it. The attributes give what is missing. */
export interface OutputOptions {
  /** 1 to 32 of a-z, 0-9, - and _. */
  name: string
  /** Pixels, 1 to 16,383. */
  width: number
  /** Pixels, 1 to 16,383. */
  height: number
  format?: Format | 'auto'
  /** Of a JPEG, 1 to 100. */
  quality?: number
  /** Largest file in bytes. */
  maxBytes?: number
  /** Of a JPEG: whether it keeps the photo's gain map. */
  hdr?: Choice<'hdr'> | undefined
  /** Of a PNG or WebP: whether it is cut to the ellipse in the frame. With `auto` it is a PNG. */
  mask?: Choice<'mask'> | undefined
}

/** One of several crops of a photo. */
export interface CropOptions {
  /** 1 to 32 of a-z, 0-9, - and _. The name of the picture ends with it: `photo-wide`. */
  name: string
  /** What the person reads; the name by default. */
  label?: string
  /** The pictures of this crop. The frame has the shape of the first one. */
  outputs: readonly OutputOptions[]
  /** Where the photo is at first. */
  view?: View
}

export interface ElementOptions {
  outputs: OutputOptions[]
  /** Of the outputs where there is no choice; what the frame has is in frame.ts. */
  aspect: Aspect
  /** The shapes to choose from. The outputs' sizes are then boxes. */
  aspects: readonly (Aspect | 'free')[] | undefined
  background: string | undefined
  /** 0 for no bound of the page's own. */
  minZoom: number
  maxZoom: number
  wheel: Choice<'wheel'>
  touch: Choice<'touch'>
  controls: Choice<'controls'>
  fallback: Choice<'fallback'>
  decoders: Choice<'decoders'>
  /** An address. */
  limits: string | undefined
  /** A token. */
  policy: string | undefined
  straighten: boolean
  multiple: boolean
  accept: string | null
  capture: string | null
  shape: Choice<'shape'>
  /** Source pixels of the smallest crop; 0 for any. */
  minWidth: number
  minHeight: number
  /** Source pixels of the narrowest crop for these outputs, where a policy wants more. */
  leastWidth?: (aspect: Aspect, outputs: readonly OutputOptions[]) => number
  /** One sentence for each attribute that was not understood. Its default is used. */
  complaints: string[]
}

/** The longer side of the output when no size is given. */
const DEFAULT_SIDE = 512

type ReadAttribute = (attribute: string) => string | null

/** Reads the attributes. `scripted` are the outputs that were set by script: they win over the size in the attributes. */
export function parseOptions(read: ReadAttribute, scripted?: readonly OutputOptions[]): ElementOptions {
  const get = <A extends CheckedAttribute>(attribute: A) =>
    RULES[attribute].parse(read(attribute)) as ReturnType<(typeof RULES)[A]['parse']>
  const aspects = get('aspects')
  const [width, height] = aspects
    ? boxSize(get('width'), get('height'))
    : outputSize(get('width'), get('height'), get('aspect') ?? [1, 1])
  const format = get('format') ?? 'auto'
  const quality = get('quality')
  const maxBytes = get('max-bytes')
  const mask = get('mask')
  const shared = { format, hdr: get('hdr'), mask, ...(quality && { quality }), ...(maxBytes && { maxBytes }) }
  const single: OutputOptions = { name: 'main', width, height, ...shared }
  const outputs = scripted?.length ? scripted.map((output) => ({ ...shared, ...output })) : [single]
  const first = outputs[0] ?? single
  return {
    outputs,
    aspect: [first.width, first.height],
    aspects,
    background: get('background'),
    minZoom: get('min-zoom') ?? 0,
    maxZoom: get('max-zoom') ?? Number.POSITIVE_INFINITY,
    wheel: get('wheel') ?? 'always',
    touch: get('touch') ?? 'stage',
    controls: get('controls') ?? 'bar',
    fallback: get('fallback') ?? 'source',
    decoders: get('decoders') ?? 'heic',
    limits: get('limits'),
    policy: get('policy'),
    shape: get('shape') ?? (areMasked(outputs) ? 'round' : 'rectangle'),
    multiple: read('multiple') !== null,
    accept: read('accept'),
    capture: read('capture'),
    straighten: read('straighten') !== null,
    minWidth: get('min-width') ?? 0,
    minHeight: get('min-height') ?? 0,
    complaints: [
      ...complaints(read),
      ...(outputs.some((output) => output.mask === 'ellipse' && output.format === 'jpeg')
        ? ['A JPEG has no mask: set format to png or webp.']
        : []),
    ],
  }
}

/** Whether nothing outside of the ellipse is stored, in any output: a JPEG stays a rectangle. */
const areMasked = (outputs: readonly OutputOptions[]): boolean =>
  outputs.every(({ mask, format }) => mask === 'ellipse' && format !== 'jpeg')

/** A sentence for each attribute whose text is not understood. */
function complaints(read: ReadAttribute): string[] {
  return Object.entries(RULES).flatMap(([attribute, { parse, expected }]) => {
    const text = read(attribute)
    if (!text || parse(text) !== undefined) return []
    return `The attribute ${attribute} must be ${expected}. It is ${JSON.stringify(text)}, so its default is used.`
  })
}

/**
 * Checks outputs that are set by script.
 *
 * @throws TypeError or RangeError, which names the output and its member.
 */
export function checkOutputs(outputs: unknown): void {
  if (outputs === undefined || outputs === null) return
  if (!Array.isArray(outputs)) throw typeRefusal('outputs must be an array of {name, width, height}', outputs)
  const names = new Set<unknown>()
  outputs.forEach((output: Partial<OutputOptions> | null, i) => {
    const at = `outputs[${i}]`
    if (typeof output !== 'object' || output === null) throw typeRefusal(`${at} must be {name, width, height}`, output)
    const { name } = output
    if (typeof name !== 'string' || !parseOutputName(name))
      throw refusal(`${at}.name must be 1 to 32 of a-z, 0-9, - and _, and not receipt, recipe or source`, name)
    if (names.has(name)) throw refusal(`${at}.name must differ from those before it`, name)
    names.add(name)
    for (const [member, attribute, optional] of OUTPUT_MEMBERS) {
      const value = output[member]
      const { parse, expected } = RULES[attribute]
      const isValue = typeof value === (attribute in CHOICES ? 'string' : 'number') && parse(String(value)) !== undefined
      if (!isValue && !(optional && value === undefined)) throw refusal(`${at}.${member} must be ${expected}`, value)
    }
  })
}

/**
 * Checks crops that are set by script.
 *
 * @throws TypeError or RangeError, which names the crop and its member.
 */
export function checkCrops(crops: unknown): void {
  if (crops === undefined || crops === null) return
  if (!Array.isArray(crops) || crops.length === 0) throw typeRefusal('crops must be an array of {name, outputs}', crops)
  const names = crops.map((crop: Partial<CropOptions> | null) => crop?.name)
  crops.forEach((crop: Partial<CropOptions> | null, i) => {
    const name = crop?.name
    if (typeof name !== 'string' || !parseOutputName(name) || names.indexOf(name) !== i)
      throw refusal(`crops[${i}].name must be 1 to 32 of a-z, 0-9, - and _, and differ from the others`, name)
    if (!crop?.outputs?.length) throw typeRefusal(`crops[${i}].outputs must be an array of {name, width, height}`, crop?.outputs)
    checkOutputs(crop.outputs)
    if (crop.view !== undefined && !isView(crop.view)) throw typeRefusal(`crops[${i}].view must be a view`, crop.view)
  })
}

const OUTPUT_MEMBERS = [
  ['width', 'width', false],
  ['height', 'height', false],
  ['format', 'format', true],
  ['quality', 'quality', true],
  ['maxBytes', 'max-bytes', true],
  ['hdr', 'hdr', true],
  ['mask', 'mask', true],
] as const

/** What a JPEG shows where a photo is transparent and the page names no colour. */
const PAPER = '#ffffff'

/**
 * The background of a photo's outputs. JPEGs cannot be transparent: when one is asked for of a photo that may be, all outputs
 * get a white background.
 */
export function resolveBackground(options: ElementOptions, facts: Facts): string | undefined {
  const { background, outputs } = options
  const mayBeTransparent = background === 'transparent' || (background === undefined && facts.alpha)
  return mayBeTransparent && outputs.some(({ format }) => format === 'jpeg') ? PAPER : background
}

/** The outputs for a recipe. The format `auto` is JPEG, or PNG when the output may have transparent pixels. A JPEG has no mask. */
export function resolveOutputs(options: ElementOptions, facts: Facts): OutputSpec[] {
  const background = resolveBackground(options, facts)
  const needsAlpha = background === 'transparent' || (background === undefined && facts.alpha)
  return options.outputs.map(({ name, width, height, format, quality, maxBytes, hdr, mask: wanted }) => {
    const mask = wanted === 'ellipse' && format !== 'jpeg' && wanted
    const chosen: Format = !format || format === 'auto' ? (needsAlpha || mask ? 'png' : 'jpeg') : format
    const output = { name, width, height, format: chosen, ...(chosen !== 'png' && quality && { quality }) }
    return {
      ...output,
      ...(chosen === 'jpeg' && hdr === 'keep' && { hdr }),
      ...(mask && { mask }),
      ...(maxBytes && { maxBytes }),
    }
  })
}

/** The box of an output whose shape is chosen. */
function boxSize(width: number | undefined, height: number | undefined): Aspect {
  const other = width || height ? GREATEST.width : DEFAULT_SIDE
  return [width ?? other, height ?? other]
}

/**
 * The size of an output. A size that is given stays as it is; what is missing follows the aspect ratio, exactly when
 * neither is given.
 */
export function outputSize(width: number | undefined, height: number | undefined, [a, b]: Aspect): Aspect {
  if (width && height) return [width, height]
  if (width) return [width, Math.max(1, Math.round((width * b) / a))]
  if (height) return [Math.max(1, Math.round((height * a) / b)), height]
  const times = Math.max(1, Math.floor(DEFAULT_SIDE / Math.max(a, b)))
  return [a * times, b * times]
}

const told = new Set<string>()

/** Says something to the page's developer, once. */
export function warnOnce(sentence: string): void {
  if (told.has(sentence)) return
  told.add(sentence)
  console.warn(`<true-crop>: ${sentence}`)
}
