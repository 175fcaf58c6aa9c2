// The blocks that the stage `docs` checks: where they begin and end, and what they are.
import { expect, test } from 'vitest'
import { blocksOf } from './docs-blocks.mjs'

const CASES = {
  'one block': ['a\n```js\nf()\n```\nb', [['js', 2, false, 'f()']]],
  'two, and text between them': [
    '```sh\na\n```\nx\n```json\n{}\n```',
    [
      ['sh', 1, false, 'a'],
      ['json', 5, false, '{}'],
    ],
  ],
  'not checked': ['```nginx ignore\nserver {}\n```', [['nginx', 1, true, 'server {}']]],
  'no language': ['```\nx\n```', [['', 1, false, 'x']]],
  'in a list, without its indentation': ['- a\n  ```js\n  f()\n    g()\n  ```', [['js', 2, false, 'f()\n  g()']]],
  'a fence within a longer one': ['````text\n```js\n```\n````', [['text', 1, false, '```js\n```']]],
  'no block': ['`code` and ``more``', []],
}

test.each(Object.entries(CASES))('%s', (_, [text, wanted]) => {
  const found = blocksOf('page.md', text).map(({ language, line, ignored, code }) => [language, line, ignored, code])
  expect(found).toEqual(wanted)
})

test('a block without an end is refused, with its place', () => {
  expect(() => blocksOf('page.md', 'x\n```js\nf()')).toThrow('page.md:2')
})
