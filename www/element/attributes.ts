/**
 * The attributes of `<true-crop>` as values: their names, ranges and defaults. Each parser returns `undefined` for a text
 * that it does not understand, and for a missing or empty attribute.
 */

import type { Aspect } from './editing/geometry.js'

/** Each attribute, and the property that reflects it. */
export const PROPERTIES = {
  aspect: 'aspect',
  aspects: 'aspects',
  width: 'width',
  height: 'height',
  shape: 'shape',
  'min-width': 'minWidth',
  'min-height': 'minHeight',
  format: 'format',
  quality: 'quality',
  'max-bytes': 'maxBytes',
  background: 'background',
  name: 'name',
  src: 'src',
  'min-zoom': 'minZoom',
  'max-zoom': 'maxZoom',
  wheel: 'wheel',
  touch: 'touch',
  controls: 'controls',
  accept: 'accept',
  capture: 'capture',
  multiple: 'multiple',
  required: 'required',
  disabled: 'disabled',
  straighten: 'straighten',
  rotate: 'rotate',
  flip: 'flip',
  fallback: 'fallback',
  hdr: 'hdr',
  mask: 'mask',
  limits: 'limits',
  policy: 'policy',
  'worker-url': 'workerUrl',
  'wasm-url': 'wasmUrl',
  'jpeg-wasm-url': 'jpegWasmUrl',
  'all-wasm-url': 'allWasmUrl',
  'heic-wasm-url': 'heicWasmUrl',
  decoders: 'decoders',
} as const

/** The values of each enumerated attribute. The first one is the default. */
export const CHOICES = {
  shape: ['rectangle', 'round'],
  format: ['auto', 'jpeg', 'png', 'webp'],
  wheel: ['always', 'ctrl', 'focus'],
  touch: ['stage', 'page'],
  controls: ['bar', 'full', 'none'],
  flip: ['none', 'horizontal', 'vertical', 'both'],
  fallback: ['source', 'none'],
  decoders: ['heic', 'platform', 'none'],
  hdr: ['none', 'keep'],
  mask: ['none', 'ellipse'],
} as const

export type Choice<A extends keyof typeof CHOICES> = (typeof CHOICES)[A][number]

/** The greatest value of each attribute that is a whole number. The least is 1. */
export const GREATEST = {
  width: 16_383,
  height: 16_383,
  'min-width': 65_535,
  'min-height': 65_535,
  quality: 100,
  'max-bytes': 4_294_967_295,
} as const

export function parseChoice<A extends keyof typeof CHOICES>(attribute: A, text: string | null): Choice<A> | undefined {
  return (CHOICES[attribute] as readonly Choice<A>[]).find((value) => value === text)
}

export function parseInteger(attribute: keyof typeof GREATEST, text: string | null): number | undefined {
  const number = Number(text)
  return Number.isInteger(number) && number > 0 && number <= GREATEST[attribute] ? number : undefined
}

/** `16:9`, `16/9` or `16x9`, reduced. */
export function parseAspect(text: string | null): Aspect | undefined {
  const match = /^\s*(\d{1,5})\s*[:/x]\s*(\d{1,5})\s*$/.exec(text ?? '')
  const [width, height] = [Number(match?.[1]), Number(match?.[2])]
  if (!(width > 0 && height > 0)) return undefined
  const common = greatestCommonDivisor(width, height)
  return [width / common, height / common]
}

/** Aspect ratios and `free`, between spaces or commas. */
export function parseAspects(text: string | null): (Aspect | 'free')[] | undefined {
  const aspects = (text ?? '').split(/[\s,]+/).map((each) => (each === 'free' ? each : parseAspect(each)))
  return aspects.every((each) => each !== undefined) ? aspects : undefined
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

/** How the names of a picture's other parts end. */
const RESERVED_NAMES = ['receipt', 'recipe', 'source']

/** The name of the form's parts. Brackets are there because many frameworks name their fields `user[avatar]`. */
export function parseName(text: string | null): string | undefined {
  return text && /^[\w\-[\]]{1,64}$/.test(text) && !RESERVED_NAMES.includes(text) ? text : undefined
}

/** The name of an output. It ends the name of its part, so the ends of other parts are not allowed. */
export function parseOutputName(text: string): string | undefined {
  return /^[a-z0-9_-]{1,32}$/.test(text) && !RESERVED_NAMES.includes(text) ? text : undefined
}

/** `#rrggbb` or `transparent`, in lower case. */
export function parseBackground(text: string | null): string | undefined {
  return text && (text === 'transparent' || /^#[0-9a-f]{6}$/i.test(text)) ? text.toLowerCase() : undefined
}

export function parseMinZoom(text: string | null): number | undefined {
  const number = Number(text)
  return number > 0 && number <= 1 ? number : undefined
}

export function parseMaxZoom(text: string | null): number | undefined {
  const number = Number(text)
  return number >= 1 ? number : undefined
}

/** Degrees clockwise. */
export function parseRotate(text: string | null): number | undefined {
  const number = Number(text)
  return text && Number.isFinite(number) ? number : undefined
}

/** A JSON Web Token: what is in it is for the server to judge. */
function parseToken(text: string | null): string | undefined {
  return text && /^[\w-]+(\.[\w-]+){2}$/.test(text) ? text : undefined
}

/** An address, relative to the page's. */
export function parseUrl(text: string | null): string | undefined {
  try {
    return text ? new URL(text, globalThis.document?.baseURI ?? 'https://localhost').href : undefined
  } catch {
    return undefined
  }
}

/** How the text of an attribute is read, and what is expected of it. */
interface Rule<T> {
  parse(text: string | null): T | undefined
  expected: string
}

const choice = <A extends keyof typeof CHOICES>(attribute: A): Rule<Choice<A>> => ({
  parse: (text) => parseChoice(attribute, text),
  expected: `one of ${CHOICES[attribute].join(', ')}`,
})
const whole = (attribute: keyof typeof GREATEST): Rule<number> => ({
  parse: (text) => parseInteger(attribute, text),
  expected: `a whole number from 1 to ${GREATEST[attribute]}`,
})
const url: Rule<string> = { parse: parseUrl, expected: 'a valid address' }

/** The rule of each attribute that is not a boolean. */
export const RULES = {
  aspect: { parse: parseAspect, expected: 'two whole numbers above 0, such as 16:9' },
  aspects: { parse: parseAspects, expected: 'aspect ratios and free, such as 1:1 4:3 free' },
  width: whole('width'),
  height: whole('height'),
  shape: choice('shape'),
  'min-width': whole('min-width'),
  'min-height': whole('min-height'),
  format: choice('format'),
  quality: whole('quality'),
  'max-bytes': whole('max-bytes'),
  hdr: choice('hdr'),
  mask: choice('mask'),
  background: { parse: parseBackground, expected: '#rrggbb or transparent' },
  name: { parse: parseName, expected: '1 to 64 letters, digits, _, -, [ and ], and not receipt, recipe or source' },
  src: url,
  'min-zoom': { parse: parseMinZoom, expected: 'a number above 0, at most 1' },
  'max-zoom': { parse: parseMaxZoom, expected: 'a number of at least 1' },
  wheel: choice('wheel'),
  touch: choice('touch'),
  controls: choice('controls'),
  rotate: { parse: parseRotate, expected: 'a finite number of degrees' },
  flip: choice('flip'),
  fallback: choice('fallback'),
  limits: url,
  policy: { parse: parseToken, expected: 'a policy token (JWT)' },
  'worker-url': url,
  'wasm-url': url,
  'jpeg-wasm-url': url,
  'all-wasm-url': url,
  'heic-wasm-url': url,
  decoders: choice('decoders'),
}

export type CheckedAttribute = keyof typeof RULES

/**
 * Checks what a property is set to, before anything changes.
 *
 * @throws TypeError for what is not a text or a number, RangeError for one that the attribute cannot have.
 */
export function checkValue(attribute: CheckedAttribute, value: unknown): void {
  const { parse, expected } = RULES[attribute]
  if (parse(String(value)) !== undefined) return
  throw refusal(`${PROPERTIES[attribute]} must be ${expected}`, value)
}

/** As {@link checkValue}, for properties that may be unset: by `null`, `undefined` or the empty text. */
export function checkOptional(attribute: CheckedAttribute, value: unknown): void {
  if (value !== null && value !== undefined && value !== '') checkValue(attribute, value)
}

/** The error for a value that a property cannot have. */
export function refusal(sentence: string, value: unknown): Error {
  const isNumber = typeof value === 'number' && !Number.isNaN(value)
  const Kind = isNumber || typeof value === 'string' ? RangeError : TypeError
  return new Kind(withValue(sentence, value))
}

/** The error for a value that is of another type than the property. */
export function typeRefusal(sentence: string, value: unknown): Error {
  return new TypeError(withValue(sentence, value))
}

function withValue(sentence: string, value: unknown): string {
  return `${sentence}; got ${typeof value === 'string' ? JSON.stringify(value) : String(value)}.`
}
