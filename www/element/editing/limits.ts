/**
 * What the server takes, by `GET /v1/limits` and by a policy token: told before a file is opened, not when it is refused. Loaded when a
 * page asks for it. The token's signature is not checked here, and need not be: the server checks everything again.
 *
 * What a policy says is in docs/POLICY.md.
 */

import type { TruecropError } from '../../client/error.js'
import type { Policy } from '../../policy.js'
import type { Facts } from '../../protocol.js'
import type { Aspect } from './geometry.js'
import type { ElementOptions, OutputOptions } from '../options.js'

interface Limits {
  source_bytes?: number
  source_pixels?: number
  source_side?: number
}

interface Answer {
  limits?: Limits
  policy?: Policy
}

/** Milliseconds after which the file is opened without an answer. */
const PATIENCE_MS = 4000

/** The quality of a JPEG for which none is asked, as in the core. */
const DEFAULT_QUALITY = 85

/** Steps of the grid on which a crop's edges lie, in one source pixel. */
const GRID = 256

/** What was asked for already: once for each address. */
const known = new Map<string, Promise<Answer>>()

/** What the server says at an address. Nothing where there is no answer: the server will still check. */
function load(address: string): Promise<Answer> {
  const loading =
    known.get(address) ??
    fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) })
      .then((response) => (response.ok ? (response.json() as Promise<Answer>) : Promise.reject(new Error())))
      .catch(() => {
        // Not an answer: the next file asks again.
        known.delete(address)
        return {}
      })
  known.set(address, loading)
  return loading
}

/** The policy that a token carries; undefined for what is no token. */
function readToken(token: string): Policy | undefined {
  try {
    const text = atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/'))
    const claims: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (byte) => byte.charCodeAt(0))))
    return (claims as { truecrop?: Policy }).truecrop
  } catch {
    return undefined
  }
}

export interface Bounds {
  /** @throws TruecropError with the code `source-too-large`. */
  checkFile(file: Blob): void
  /** @throws TruecropError with the code `too-many-pixels`. */
  checkFacts(facts: Facts): void
  /** The options, so that what the person makes is taken. What only the page's developer can mend is complained of. */
  guide(options: ElementOptions): ElementOptions
}

/** The bounds by an address and a token; the fields and figures of refusals are those of the server's own. */
export async function boundsOf(
  { limits: address, policy: token }: Pick<ElementOptions, 'limits' | 'policy'>,
  Refusal: typeof TruecropError,
): Promise<Bounds> {
  const { limits = {}, policy } = address === undefined ? ({} as Answer) : await load(address)
  const own = token === undefined ? undefined : readToken(token)
  const policies = [policy, own].filter((each) => typeof each === 'object' && each !== null)
  const atMost = (code: string, field: string, expected: number | undefined, got: number): void => {
    if (expected === undefined || got <= expected) return
    throw new Refusal({
      code,
      fault: 'limit',
      detail: 'The server takes no such file: pick a smaller one.',
      field,
      expected,
      got,
    })
  }
  return {
    checkFile: ({ size }) => {
      const most = [limits.source_bytes, ...policies.map(({ maxSourceBytes }) => maxSourceBytes)].filter(
        (each) => each !== undefined,
      )
      atMost('source-too-large', 'source.bytes', most.length > 0 ? Math.min(...most) : undefined, size)
    },
    checkFacts: ({ width, height }) => {
      atMost('too-many-pixels', 'source.width', limits.source_side, width)
      atMost('too-many-pixels', 'source.height', limits.source_side, height)
      atMost('too-many-pixels', 'source', limits.source_pixels, width * height)
    },
    guide: (options) => {
      const guided = policies.reduce(guidedBy, options)
      const isNoToken = token !== undefined && own === undefined
      const complaints = isNoToken ? ['The attribute policy has no policy in it: see docs/POLICY.md.'] : []
      return { ...guided, complaints: [...guided.complaints, ...complaints] }
    },
  }
}

function guidedBy(options: ElementOptions, policy: Policy): ElementOptions {
  const { minCropSide = 0, maxUpscale, allowBackground } = policy
  const offered = options.aspects?.filter((each) => each !== 'free' && isWanted(policy, each))
  const aspects = policy.aspects && offered?.length ? offered : options.aspects
  const outputs = options.outputs.map((output) => guidedOutput(output, policy))
  const [first] = outputs
  const { leastWidth } = options
  return {
    ...options,
    aspects,
    outputs,
    aspect: first ? [first.width, first.height] : options.aspect,
    background: allowBackground === false ? undefined : options.background,
    shape: guidedShape(options, outputs, policy),
    minWidth: Math.max(options.minWidth, minCropSide),
    minHeight: Math.max(options.minHeight, minCropSide),
    leastWidth: (aspect, sizes) => {
      const widths = maxUpscale === undefined ? [] : sizes.map((size) => widthFor(size, aspect, maxUpscale))
      return Math.max(0, leastWidth?.(aspect, sizes) ?? 0, ...widths)
    },
    complaints: [...options.complaints, ...mistakes(options, outputs, policy)],
  }
}

/**
 * Source pixels of the narrowest crop of which an output is enlarged by no more than `most`: exactly, as its edges lie on the grid and its
 * height follows from its width (crates/truecrop-core/src/view).
 */
function widthFor({ width, height }: OutputOptions, [a, b]: Aspect, most: number): number {
  const forHeight = ((Math.ceil((height * GRID) / most) - 0.5) * a) / b
  return Math.max(Math.ceil((width * GRID) / most), Math.ceil(forHeight)) / GRID
}

const isWanted = ({ aspects }: Policy, [width, height]: Aspect): boolean =>
  !aspects ||
  aspects.some((each) => {
    const [a = 0, b = 0] = each.split(':').map(Number)
    return width * b === height * a
  })

/** As in options.ts, which this file, loaded where there is a policy, may not make a chunk of its own. */
const areMasked = (outputs: OutputOptions[]): boolean =>
  outputs.every(({ mask, format }) => mask === 'ellipse' && format !== 'jpeg')

/** Where the policy decides what is cut off, the veil goes with it: what is seen is what is stored. */
function guidedShape(options: ElementOptions, outputs: OutputOptions[], { masks }: Policy): ElementOptions['shape'] {
  const cut = areMasked(outputs)
  if (!masks || cut === areMasked(options.outputs)) return options.shape
  return cut ? 'round' : 'rectangle'
}

/** Format, quality and bytes as the policy wants them, where the page leaves them open. */
function guidedOutput(output: OutputOptions, policy: Policy): OutputOptions {
  const { formats, masks, maxOutputBytes = Number.POSITIVE_INFINITY, minQuality = 1, maxQuality = 100 } = policy
  const { format = 'auto', quality = DEFAULT_QUALITY, maxBytes = Number.POSITIVE_INFINITY } = output
  const bytes = Math.min(maxBytes, maxOutputBytes)
  const bounded = Math.min(maxQuality, Math.max(minQuality, quality))
  // One mask alone is no choice.
  const mask = masks?.length === 1 ? masks[0] : output.mask
  const transparent = mask === 'ellipse' ? formats?.find((each) => each !== 'jpeg') : undefined
  const isOpen = format === 'auto' && formats?.length && !(formats.includes('jpeg') && formats.includes('png'))
  return {
    ...output,
    ...(isOpen && { format: transparent ?? (formats.includes('jpeg') ? 'jpeg' : formats[0]) }),
    ...(mask && { mask }),
    ...(bounded !== quality && { quality: bounded }),
    ...(Number.isFinite(bytes) && { maxBytes: bytes }),
  }
}

/** What no person can mend: the page asks for outputs that the server will refuse. */
function mistakes(options: ElementOptions, outputs: OutputOptions[], policy: Policy): string[] {
  const { sizes, formats, masks, outputNames, minOutputSide = 1, maxOutputSide = Number.POSITIVE_INFINITY, maxOutputs } = policy
  const isFixed = !options.aspects
  const wrong = outputs.flatMap(({ name, width, height, format = 'auto', mask = 'none' }) => {
    const sides = [width, height]
    return [
      isFixed && !isWanted(policy, [width, height]) && `${name} does not have a shape of aspects`,
      isFixed && sizes && !sizes.includes(sides.join('x')) && `${name} does not have a size of sizes`,
      isFixed &&
        sides.some((side) => side < minOutputSide || side > maxOutputSide) &&
        `${name} is not within minOutputSide and maxOutputSide`,
      formats && format !== 'auto' && !formats.includes(format) && `${name} does not have a format of formats`,
      masks && !masks.includes(format === 'jpeg' ? 'none' : mask) && `${name} does not have a mask of masks`,
      outputNames && !outputNames.includes(name) && `${name} is not one of outputNames`,
    ]
  })
  const several = maxOutputs !== undefined && outputs.length > maxOutputs && 'there are more than maxOutputs'
  const background = policy.allowBackground === false && options.background !== undefined && 'a background is not allowed'
  const said = [...wrong, several, background].filter((each) => typeof each === 'string')
  return said.map((what) => `The server's policy will refuse the outputs: ${what}.`)
}
