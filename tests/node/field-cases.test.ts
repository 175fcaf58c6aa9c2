/** docs/FIELD-CASES.md answers each of the 44 cases, by tests that exist. */

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')
const page = read('docs/FIELD-CASES.md')
const rows = page.split('\n').filter((line) => /^\| \d/.test(line))

/** Titles of tests, each with the file that the page names behind them. */
function named(row: string): { title: string; file: string }[] {
  return [...row.matchAll(/((?:\*[^*]+\*(?:, )?)+) \(`([^`]+)`\)/g)].flatMap(([, titles = '', file = '']) =>
    [...titles.matchAll(/\*([^*]+)\*/g)].map(([, title = '']) => ({ title, file })),
  )
}

test('every case has a row', () => {
  const numbers = rows.flatMap((row) => (row.split('|')[1] ?? '').split(',').map(Number))
  expect(numbers).toEqual(Array.from({ length: 44 }, (_, i) => i + 1).sort((a, b) => place(a) - place(b)))
})

/** 21 stands with 16 to 18, because it is the same case. */
const place = (number: number): number => (number === 21 ? 18.5 : number)

test('the tests that are named exist', () => {
  const all = rows.flatMap(named)
  expect(all.length).toBeGreaterThan(44)
  for (const { title, file } of all) {
    const path = fileURLToPath(new URL(`../../${file}`, import.meta.url))
    expect(existsSync(path), file).toBe(true)
    const text = readFileSync(path, 'utf8')
    const asFunction = `fn ${title.replaceAll(' ', '_')}(`
    expect(text.includes(file.endsWith('.rs') ? asFunction : title), `${file}: ${title}`).toBe(true)
  }
})
