// The tables: complete, with the same values in every language, and a sentence for every error that a person can meet.
import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { firstLabels, type Message } from './labels.js'
import en from './en.js'
import { SENTENCES, describe } from './errors.js'
import { fill } from './fill.js'
import { type ErrorFacts, Words, addLanguage, explainError, languages, loadLanguage } from './index.js'
import type { Table } from './table.js'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const files = readdirSync(new URL('./', import.meta.url))
const tags = files.filter((name) => /^[a-z]{2}\.ts$/.test(name)).map((name) => name.slice(0, 2))
const tables = await Promise.all(tags.map(async (tag) => [tag, (await loadLanguage(tag)).texts] as const))

/** The names in a message; every plural form has the same. */
function placeholders(message: Message): string[] {
  const forms = typeof message === 'string' ? [message] : Object.values(message)
  const [first = [], ...others] = forms.map((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort())
  for (const other of others) expect(other).toEqual(first)
  return first
}

test('the tables are those of the documentation', () => {
  expect(tags).toEqual(['ar', 'de', 'en', 'es', 'fr', 'ja', 'ko', 'pt', 'zh'])
  expect(languages().sort()).toEqual(tags)
  for (const tag of tags) expect(read('docs/LANGUAGES.md')).toContain(`\`${tag}\``)
})

test.each(tables)('%s has every text, with the values of the English one', async (tag, texts) => {
  const own = ((await import(`./${tag}.ts`)) as { default: Table }).default
  expect(Object.keys(own).sort()).toEqual(Object.keys(en).sort())
  for (const [key, message] of Object.entries(texts)) {
    expect(placeholders(message), key).toEqual(placeholders(en[key as keyof Table]))
    expect(fill(message, {}, tag).trim(), key).not.toBe('')
    // A text that was left in English is a mistake, but for words that are the same and marks.
    if (tag !== 'en' && !['zoom', 'comma'].includes(key)) expect(message, key).not.toBe(en[key as keyof Table])
  }
})

test('what an empty element shows is the English of the table', () => {
  expect(en).toMatchObject(firstLabels)
})

test('every code of the engine and of the server has its sentence', () => {
  const codes = [...read('crates/truecrop-core/src/error.rs').matchAll(/^ {4}\w+ = "([a-z-]+)", (\w+);/gm)]
  expect(codes.length).toBeGreaterThan(25)
  // These speak of receipts and policies, which only servers see: the person learns that the upload was refused.
  const ofUploads = /receipt|mismatch|not-canonical|source-required|not-reproducible|policy-violation/
  const missing = codes.map(([, code]) => code ?? '').filter((code) => !(code in SENTENCES) && !ofUploads.test(code))
  expect(missing).toEqual([])
  for (const [, code] of codes) {
    const { key } = describe({ code: code ?? '' }, 'en')
    if (!((code ?? '') in SENTENCES)) expect(key).toBe('refused')
  }
  for (const key of Object.values(SENTENCES)) expect(en).toHaveProperty([key])
})

test('every format that the engine knows by name and does not read has a sentence that says so', () => {
  const signatures = read('crates/truecrop-core/src/probe/signature.rs')
  const ids = new Set([...signatures.matchAll(/\(\s*"([a-z0-9]+)",\s*"(?:a|an) /g)].map(([, id]) => id ?? ''))
  expect(ids.size).toBeGreaterThan(15)
  ids.delete('gif') // Of an unknown version: read in principle.
  const keys = [...ids].map((id) => [id, describe({ code: 'unsupported-format', got: id }, 'en').key])
  expect(keys.filter(([, key]) => key === 'unsupported-format.rare')).toEqual([])
})

const sentences: [tag: string, error: ErrorFacts, sentence: string | RegExp][] = [
  ['en', { code: 'source-too-large', expected: 268_435_456, got: 300_000_000 }, /has 300 MB\. At most 268 MB/],
  ['en', { code: 'source-too-large', expected: 10_000_000, got: 10_000_100 }, /has 10\.0001 MB\. At most 10 MB/],
  ['de', { code: 'source-too-large', expected: 1_500_000, got: 12_345_678 }, /hat 12,3 MB\. Höchstens 1,5 MB/],
  ['fr', { code: 'max-bytes-unreachable', expected: 2_000, got: 2_400 }, /pèserait 2,4\sko\. Le maximum est de 2\sko/],
  [
    'en',
    { code: 'too-many-pixels', field: 'source', expected: 536_870_912, got: 4_294_836_225 },
    /4,295 megapixels\. At most 537/,
  ],
  ['ko', { code: 'too-many-pixels', field: 'source.width', expected: 1_000_000, got: 2_000_000 }, /2,000,000픽셀/],
  ['en', { code: 'unsupported-format', got: 'heic' }, /HEIC.*iPhone/],
  ['ja', { code: 'unsupported-format', got: 'jxl' }, /^JPEG XL ファイル/],
  ['es', { code: 'unsupported-format', got: 'webm' }, /vídeo/],
  ['zh', { code: 'unsupported-format', got: 'SOF9' }, /存储方式不常见/],
  ['pt-BR', { code: 'invalid-recipe' }, /\(invalid-recipe\)/],
  ['ar', { code: 'too-many-pixels', field: 'source', expected: 1, got: 'unknown' }, 'لا يمكن استخدام هذه الصورة.'],
  ['en', { code: 'digest-mismatch', fault: 'input' }, /did not accept the picture \(digest-mismatch\)/],
  ['en', { code: 'a-code-of-the-future' }, /a-code-of-the-future/],
]

test.each(sentences)('%s: %o', async (tag, error, sentence) => {
  expect(await explainError(error, tag)).toMatch(sentence)
})

test('places and angles are written as the language writes them', async () => {
  const facts = { width: 400, height: 400 } as Parameters<Words['position']>[1]
  const solved = {
    view: { zoom: 2.5, center: { x: 0.5, y: 0.5 }, rotate: 12.34, flip: 'vertical' },
    crop: { x: 100, y: 50, width: 160, height: 160 },
    zoom: { least: 1, greatest: 160 },
  } as const
  const said = async (tag: string): Promise<string> => new Words(await loadLanguage(tag)).position(solved, facts)
  expect(await said('en')).toBe('Left 25%, top 13%, zoom 250%, turned by 12.3°, mirrored')
  expect(await said('de')).toBe('Links 25\u00a0%, oben 13\u00a0%, Zoom 250\u00a0%, um 12,3° gedreht, gespiegelt')
  expect(await said('zh')).toBe('左 25%，上 13%，缩放 250%，已旋转 12.3°，已翻转')
})

test('the nearest table is used, and the tag still decides how numbers are written', async () => {
  const found = async (tag: string) => {
    const { tag: of, locale, direction } = await loadLanguage(tag)
    return [of, locale, direction]
  }
  expect(await found('de-CH-1996')).toEqual(['de', 'de-CH-1996', 'ltr'])
  expect(await found('AR-eg')).toEqual(['ar', 'ar-EG', 'rtl'])
  expect(await found('fi')).toEqual(['en', 'en', 'ltr'])
  expect(await found('not a tag')).toEqual(['en', 'en', 'ltr'])
})

test('a language can be added, as a table or by loading one; what it lacks is English', async () => {
  addLanguage('fi', { choose: 'Valitse kuva' })
  addLanguage('he', async () => ({ choose: 'בחירת תמונה' }))
  addLanguage('sv', () => Promise.reject(new Error('offline')))
  expect((await loadLanguage('fi-FI')).texts).toMatchObject({ choose: 'Valitse kuva', undo: 'Undo' })
  expect(await loadLanguage('he')).toMatchObject({ direction: 'rtl', texts: { choose: 'בחירת תמונה' } })
  expect((await loadLanguage('sv')).tag).toBe('en')
  expect(() => addLanguage('not a tag', {})).toThrow(RangeError)
})

test('the plural form of the language is chosen by the count', () => {
  const photos = { one: '{count} صورة', two: 'صورتان', few: '{count} صور', many: '{count} صورةً', other: '{count} صورة' }
  const said = [1, 2, 3, 11].map((count) => fill(photos, { count }, 'ar'))
  expect(said).toEqual(['1 صورة', 'صورتان', '3 صور', '11 صورةً'])
  expect(fill({ one: '{count} photo', other: '{count} photos' }, { count: 1200 }, 'en')).toBe('1,200 photos')
})
