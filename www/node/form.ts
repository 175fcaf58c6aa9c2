/**
 * Which part of a form belongs to which picture, by its name alone: `NAME.receipt` before the others, `NAME` for the only output or
 * `NAME.OUTPUT` for each of several, `NAME.source`; `NAME.recipe` and `NAME.source` from a client that cannot make pixels. The same rules, in the
 * same order, as in `crates/truecrop-server/src/http/form/names.rs`.
 */

import { TruecropError } from '../client/error.js'

/** Other fields that a form may have. */
const MOST_FIELDS = 256
/** Longest name of a picture, in bytes of UTF-8. */
const MOST_NAME_BYTES = 128

/** What a picture begins with. */
export type First = 'receipt' | 'recipe'

export type Part =
  | { is: 'first'; picture: string; kind: First }
  | { is: 'output'; picture: number; output: string }
  | { is: 'source'; picture: number }
  | { is: 'other' }

interface Picture {
  name: string
  /** Name of the part, name of the output. */
  outputs: [string, string][]
  /** The parts that have come. */
  come: string[]
}

const source = ({ name }: Picture): string => `${name}.source`
const owns = (name: string, part: string): boolean => part === name || part.startsWith(`${name}.`)
/** The names of the parts that may come behind the first. */
const partsOf = (picture: Picture): string[] => [...picture.outputs.map(([part]) => part), source(picture)]

function refusal(code: string, detail: string, field?: string, expected?: unknown, got?: unknown): TruecropError {
  const fault = code.startsWith('too-many') ? 'limit' : 'input'
  return new TruecropError({ code, fault, detail, ...(field !== undefined && { field }), expected, got })
}

const mismatch = (picture: Picture, part: string, detail: string): TruecropError =>
  refusal('outputs-mismatch', detail, part, partsOf(picture), part)

/** The name of the picture that begins with this part. */
function firstOf(part: string): { picture: string; kind: First } | undefined {
  for (const kind of ['receipt', 'recipe'] as const) {
    const picture = part.endsWith(`.${kind}`) ? part.slice(0, -kind.length - 1) : ''
    if (picture !== '') return { picture, kind }
  }
  return undefined
}

/** The pictures that have begun, and what has come of them. */
export class Names {
  readonly #pictures: Picture[] = []
  /** Other fields that have come. */
  readonly #others: string[] = []

  /**
   * What the next part is.
   *
   * @param isPicture whether its type says that it is a picture
   * @throws TruecropError `outputs-mismatch` for a part that its picture does not have, `invalid-receipt` for one that comes before its
   *   receipt, `too-many-fields`
   */
  part(part: string, isPicture: boolean): Part {
    const known = this.#partOfBegun(part)
    if (known) return known
    const first = firstOf(part)
    if (first) {
      this.#checkBegins(part, first.picture)
      return { is: 'first', ...first }
    }
    const owner = this.#pictures.find(({ name }) => owns(name, part))
    if (owner) throw mismatch(owner, part, 'The receipt does not name this part.')
    if (isPicture || part.endsWith('.source')) {
      const detail = 'Nothing says yet what this picture is: send NAME.receipt before NAME and its other parts.'
      throw refusal('invalid-receipt', detail, part)
    }
    if (this.#others.length === MOST_FIELDS) {
      throw refusal('too-many-fields', `The form has more than ${MOST_FIELDS} fields beside its pictures.`)
    }
    this.#others.push(part)
    return { is: 'other' }
  }

  /** A part that a picture which has begun is waiting for. */
  #partOfBegun(part: string): Part | undefined {
    for (const [index, picture] of this.#pictures.entries()) {
      const output = picture.outputs.find(([own]) => own === part)?.[1]
      if (output === undefined && source(picture) !== part) continue
      if (picture.come.some((come) => come === part || come === source(picture))) {
        throw mismatch(picture, part, 'This part comes twice, or after the source.')
      }
      picture.come.push(part)
      return output === undefined ? { is: 'source', picture: index } : { is: 'output', picture: index, output }
    }
    return undefined
  }

  /** Whether a picture may begin with this part. */
  #checkBegins(part: string, name: string): void {
    if (new TextEncoder().encode(name).length > MOST_NAME_BYTES) {
      throw refusal('invalid-receipt', 'The name of this picture is too long.', part)
    }
    if (this.#pictures.some((picture) => picture.name === name)) {
      throw refusal('outputs-mismatch', 'This picture has a receipt or a recipe already.', part)
    }
    if (this.#others.some((other) => owns(name, other))) {
      throw refusal('invalid-receipt', 'The receipt comes before the other parts of its picture.', part)
    }
  }

  /**
   * Begins a picture: what its outputs are called is known now. None of them is sent where it is made of a recipe.
   *
   * @throws TruecropError `outputs-mismatch` when one of its parts has the same name as one of another picture
   */
  open(name: string, outputs: readonly string[]): void {
    const part = (output: string): string => (outputs.length === 1 ? name : `${name}.${output}`)
    const picture: Picture = { name, outputs: outputs.map((output) => [part(output), output]), come: [] }
    const parts = partsOf(picture)
    if (this.#pictures.flatMap(partsOf).some((other) => parts.includes(other))) {
      throw mismatch(picture, name, 'A part of this picture has the same name as one of another picture.')
    }
    this.#pictures.push(picture)
  }

  /** @throws TruecropError `too-many-pictures` for a picture more than may be in a form. */
  checkRoom(most: number): void {
    if (this.#pictures.length < most) return
    throw refusal('too-many-pictures', `The form has more than ${most} pictures.`)
  }
}
