/**
 * The options of `<true-crop>`, computed from its attributes. What the attributes mean together, and every error message
 * about them, is in this file; names, ranges and defaults of single ones are in attributes.ts.
 */

import { type TruecropError, invalidOption } from '../client/error.js'
import type { Facts, Format, OutputSpec } from '../protocol.js'
import * as attributes from './attributes.js'
import type { Choice } from './attributes.js'
import type { Aspect } from './geometry.js'

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
}

export interface ElementOptions {
  outputs: OutputOptions[]
  aspect: Aspect
  background: string | undefined
  maxZoom: number
  wheel: Choice<'wheel'>
  touch: Choice<'touch'>
  controls: Choice<'controls'>
  /** One error for each attribute that was not understood. Its default is used. */
  errors: TruecropError[]
}

/** The longer side of the output when no size is given. */
const DEFAULT_SIDE = 512

type ReadAttribute = (attribute: string) => string | null

/** Reads the attributes. `scripted` are the outputs that were set by script: they win over the size in the attributes. */
export function parseOptions(read: ReadAttribute, scripted?: readonly OutputOptions[]): ElementOptions {
  const errors: TruecropError[] = []
  /** A parsed value; when a text was given that could not be parsed, also an error. */
  const checked = <T>(attribute: string, value: T | undefined, detail: string, expected: unknown): T | undefined => {
    const text = read(attribute)
    if (value === undefined && text) errors.push(invalidOption(detail, attribute, expected, text))
    return value
  }
  const choice = <A extends 'format' | 'wheel' | 'touch' | 'controls'>(attribute: A): Choice<A> => {
    const values = attributes.CHOICES[attribute]
    const value = attributes.parseChoice(attribute, read(attribute))
    return checked(attribute, value, `The attribute ${attribute} must be one of ${values.join(', ')}.`, values) ?? values[0]
  }
  const integer = (attribute: keyof typeof attributes.GREATEST): number | undefined => {
    const range = `1 to ${attributes.GREATEST[attribute]}`
    const value = attributes.parseInteger(attribute, read(attribute))
    return checked(attribute, value, `The attribute ${attribute} must be a whole number from ${range}.`, range)
  }
  const ratio = checked(
    'aspect',
    attributes.parseAspect(read('aspect')),
    'The attribute aspect must be two whole numbers above 0.',
    '16:9',
  )
  const [width, height] = outputSize(integer('width'), integer('height'), ratio ?? [1, 1])
  const format = choice('format')
  const quality = integer('quality')
  const maxBytes = integer('max-bytes')
  const shared = { format, ...(quality && { quality }), ...(maxBytes && { maxBytes }) }
  const name = checked(
    'name',
    attributes.parseName(read('name')),
    'The attribute name is also the name of the output and of its part in the upload.',
    '1 to 32 of a-z, 0-9, - and _; not receipt, recipe or source',
  )
  const single: OutputOptions = { name: name ?? 'main', width, height, ...shared }
  const outputs = scripted?.length ? scripted.map((output) => ({ ...shared, ...output })) : [single]
  const first = outputs[0] ?? single
  const background = attributes.parseBackground(read('background'))
  const maxZoom = attributes.parseMaxZoom(read('max-zoom'))
  return {
    outputs,
    aspect: [first.width, first.height],
    background: checked('background', background, 'The attribute background must be #rrggbb or transparent.', '#rrggbb'),
    maxZoom:
      checked('max-zoom', maxZoom, 'The attribute max-zoom must be a number of at least 1.', 'at least 1') ??
      Number.POSITIVE_INFINITY,
    wheel: choice('wheel'),
    touch: choice('touch'),
    controls: choice('controls'),
    errors,
  }
}

/** The outputs for a recipe. The format `auto` is JPEG, or PNG when the output may have transparent pixels. */
export function resolveOutputs(options: ElementOptions, facts: Facts): OutputSpec[] {
  const opaque = !facts.alpha || (options.background !== undefined && options.background !== 'transparent')
  const needsAlpha = !opaque || options.background === 'transparent'
  return options.outputs.map(({ name, width, height, format, quality, maxBytes }) => {
    const chosen: Format = !format || format === 'auto' ? (needsAlpha ? 'png' : 'jpeg') : format
    const output = { name, width, height, format: chosen, ...(chosen === 'jpeg' && quality && { quality }) }
    return { ...output, ...(maxBytes && { maxBytes }) }
  })
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
