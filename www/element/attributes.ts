/**
 * The attributes of `<true-crop>` as values: their names, ranges and defaults. Each parser returns `undefined` for a text
 * that it does not understand, and for a missing or empty attribute.
 */

import type { Aspect } from './geometry.js'

/** Each attribute, and the property that reflects it. */
export const PROPERTIES = {
  aspect: 'aspect',
  width: 'width',
  height: 'height',
  format: 'format',
  quality: 'quality',
  'max-bytes': 'maxBytes',
  background: 'background',
  name: 'name',
  'max-zoom': 'maxZoom',
  wheel: 'wheel',
  touch: 'touch',
  controls: 'controls',
  required: 'required',
  disabled: 'disabled',
  rotate: 'rotate',
  flip: 'flip',
  'worker-url': 'workerUrl',
  'wasm-url': 'wasmUrl',
  'jpeg-wasm-url': 'jpegWasmUrl',
  'all-wasm-url': 'allWasmUrl',
} as const

/** The values of each enumerated attribute. The first one is the default. */
export const CHOICES = {
  format: ['auto', 'jpeg', 'png', 'webp'],
  wheel: ['always', 'ctrl', 'focus'],
  touch: ['stage', 'page'],
  controls: ['bar', 'full', 'none'],
  flip: ['none', 'horizontal', 'vertical', 'both'],
} as const

export type Choice<A extends keyof typeof CHOICES> = (typeof CHOICES)[A][number]

/** The greatest value of each attribute that is a whole number. The least is 1. */
export const GREATEST = { width: 16_383, height: 16_383, quality: 100, 'max-bytes': 4_294_967_295 } as const

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

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

/** The name of an output, which is also the name of its part in an upload: other parts' names are not allowed. */
export function parseName(text: string | null): string | undefined {
  return text && /^[a-z0-9_-]{1,32}$/.test(text) && !['receipt', 'recipe', 'source'].includes(text) ? text : undefined
}

/** `#rrggbb` or `transparent`, in lower case. */
export function parseBackground(text: string | null): string | undefined {
  return text && (text === 'transparent' || /^#[0-9a-f]{6}$/i.test(text)) ? text.toLowerCase() : undefined
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
