/** Which sentence tells a person of an error, and its figures as that person reads them. */

import type { Values } from './labels.js'
import type { Sentences } from './table.js'

/** What is used of an error: a `TruecropError`, or a problem of the server. */
export interface ErrorFacts {
  code: string
  fault?: string
  field?: string | undefined
  expected?: unknown
  got?: unknown
}

export interface Described {
  key: keyof Sentences
  values: Values
}

/** The sentence of each code. The codes are those of crates/truecrop-core/src/error.rs, of the client, and of the server. */
export const SENTENCES: Readonly<Record<string, keyof Sentences>> = {
  'empty-source': 'empty-source',
  'unsupported-format': 'unsupported-format',
  'damaged-source': 'damaged-source',
  'source-too-large': 'source-too-large',
  'too-many-pixels': 'too-many-pixels',
  'too-many-scans': 'unsupported-format.rare',
  'too-many-items': 'unsupported-format.rare',
  'memory-over-budget': 'memory-over-budget',
  'max-bytes-unreachable': 'max-bytes-unreachable',
  'invalid-recipe': 'page-mistake',
  'invalid-view': 'page-mistake',
  'invalid-option': 'page-mistake',
  'unknown-version': 'page-mistake',
  'crop-outside-source': 'page-mistake',
  'background-required': 'page-mistake',
  'output-too-large': 'page-mistake',
  'too-many-bytes': 'page-mistake',
  'module-needed': 'page-mistake',
  io: 'io',
  cancelled: 'internal',
  internal: 'internal',
  'engine-unavailable': 'engine-unavailable',
  'source-unavailable': 'source-unavailable',
  'invalid-token': 'page-mistake',
  'token-not-yet-valid': 'page-mistake',
  'wrong-audience': 'page-mistake',
  'token-expired': 'reload',
  'pixels-mismatch': 'reload',
  busy: 'try-later',
  timeout: 'try-later',
  'store-unavailable': 'try-later',
  'shutting-down': 'try-later',
}

/** The names of formats that are recognised and not read: those that are not their id in capitals. */
const FORMAT_NAMES: Readonly<Record<string, string>> = {
  jxl: 'JPEG XL',
  jp2: 'JPEG 2000',
  exr: 'OpenEXR',
  ps: 'PostScript',
  psd: 'Photoshop',
  cr3: 'RAW',
}
const FORMATS = /^(avif|bmp|dds|gzip|heif|html|ico|pdf|qoi|svg|tiff|xml|zip)$/

/** The sentence for an error. Unknown codes are the server's: it has refused an upload. */
export function describe(error: ErrorFacts, locale: string): Described {
  const key = SENTENCES[error.code] ?? 'refused'
  if (key === 'unsupported-format') return unsupported(String(error.got))
  const [got, expected] = [error.got, error.expected]
  const isFigures = typeof got === 'number' && typeof expected === 'number'
  if (!isFigures) return { key, values: { code: error.code } }
  if (key === 'source-too-large' || key === 'max-bytes-unreachable') return { key, values: asBytes(got, expected, locale) }
  if (key !== 'too-many-pixels') return { key, values: { code: error.code } }
  if (/width|height/.test(error.field ?? '')) return { key: 'too-many-pixels.side', values: { got, expected } }
  const mega = (pixels: number, digits: number): string => rounded(pixels / 1e6, digits).toLocaleString(locale)
  return { key, values: untilTheyDiffer(got, expected, mega) }
}

function unsupported(format: string): Described {
  const isKnown = FORMATS.test(format) || format in FORMAT_NAMES
  if (isKnown) return { key: 'unsupported-format', values: { format: FORMAT_NAMES[format] ?? format.toUpperCase() } }
  if (format === 'heic') return { key: 'unsupported-format.heic', values: {} }
  if (format === 'mp4' || format === 'webm') return { key: 'unsupported-format.video', values: {} }
  return { key: format === 'unknown' ? 'unsupported-format.unknown' : 'unsupported-format.rare', values: {} }
}

const UNITS = [
  ['gigabyte', 1e9],
  ['megabyte', 1e6],
  ['kilobyte', 1e3],
  ['byte', 1],
] as const

/** Lengths of files, in the unit that fits the bound. */
function asBytes(got: number, expected: number, locale: string): Values {
  const [unit, size] = UNITS.find(([, size]) => expected >= size) ?? ['byte', 1]
  const inUnits = (bytes: number, digits: number): string =>
    rounded(bytes / size, digits).toLocaleString(locale, { style: 'unit', unit, maximumFractionDigits: 6 })
  return untilTheyDiffer(got, expected, inUnits)
}

/** Both figures with as few digits as show that one is greater. */
function untilTheyDiffer(got: number, expected: number, format: (figure: number, digits: number) => string): Values {
  let digits = 3
  while (digits < 12 && format(got, digits) === format(expected, digits)) digits += 1
  return { got: format(got, digits), expected: format(expected, digits) }
}

/** With so many digits, but whole where it has more. */
const rounded = (figure: number, digits: number): number =>
  Number(figure.toPrecision(Math.max(digits, String(Math.trunc(figure)).length)))
