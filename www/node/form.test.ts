// Each part of a form is known by its name alone: the same table as crates/truecrop-server/src/http/form/names.rs.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { TruecropError } from '../client/error.js'
import { Names } from './form.js'

const cases = JSON.parse(readFileSync(new URL('../../tests/vectors/form-parts.json', import.meta.url), 'utf8')) as {
  parts: string[]
  last: unknown
}[]

/** What the last of the parts is. A part that ends with `*` has the type of a picture. */
function last(parts: readonly string[]): unknown {
  const names = new Names()
  let told: unknown
  for (const part of parts) {
    try {
      const found = names.part(part.replace(/\*+$/, ''), part.endsWith('*'))
      if (found.is === 'first') {
        const outputs = found.picture === 'two' ? ['small', 'large'] : ['main']
        // of a recipe no output is sent
        names.open(found.picture, found.kind === 'recipe' ? [] : outputs)
      }
      told = found
    } catch (error) {
      told = { refused: (error as TruecropError).code }
    }
  }
  return told
}

test.each(cases.map(({ parts, last }) => [parts.slice(0, 4).join(', '), parts, last] as const))('%s', (_, parts, wanted) => {
  expect(last(parts)).toEqual(wanted)
})
