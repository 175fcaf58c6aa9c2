/**
 * The structure of the browser side, read from its imports, types included: no file imports itself through others, and each folder
 * imports only from those that it may know. That of the crates is held by `main.rs` beside this file.
 */

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../www', import.meta.url))

/** What each folder of `www` may import from, beside itself: one direction, from the contracts of the threads up to the pages. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'protocol.ts': [],
  'policy.ts': ['protocol.ts'],
  engine: ['protocol.ts'],
  worker: ['engine', 'protocol.ts'],
  client: ['protocol.ts'],
  core: ['client', 'engine', 'policy.ts', 'protocol.ts'],
  node: ['client', 'core', 'engine', 'policy.ts', 'protocol.ts'],
  adapters: ['client', 'protocol.ts'],
  upload: ['client', 'protocol.ts'],
  headless: ['client', 'protocol.ts'],
  element: ['client', 'policy.ts', 'protocol.ts'],
  react: ['client', 'element', 'headless'],
  vue: ['client', 'element', 'headless'],
  svelte: ['client', 'element', 'headless'],
  uploaders: ['client'],
  uppy: ['client', 'element', 'upload', 'uploaders'],
  filepond: ['client', 'upload', 'uploaders'],
  demo: ['client', 'element', 'protocol.ts'],
}

/** Imports of what lies in `dist` alone: the modules and their glue, scripts with a file's bytes, and the bundle for `import`. */
const MADE_BY_THE_BUILD = /\/wasm\/|\/inline\/data\/|^\.\/node\.js$/

type Imports = ReadonlyMap<string, readonly string[]>

/** Each file of `www` but its tests, by its path there, and the files that it imports. */
function importsOfWww(): Imports {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'))
  const sources = files.filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  return new Map(sources.map((path) => [path, importsOf(path)]))
}

function importsOf(path: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, path), 'utf8'), true, true)
  const names = importedFiles.map(({ fileName }) => fileName)
  const relative = names.filter((name) => name.startsWith('.') && !MADE_BY_THE_BUILD.test(name))
  return relative.map((name) => {
    const beside = normalize(join(dirname(path), name)).replaceAll('\\', '/')
    const file = [beside.replace(/\.js$/, '.ts'), beside.replace(/\.js$/, '.d.ts'), beside].find((each) =>
      existsSync(join(ROOT, each)),
    )
    if (file === undefined) throw new Error(`${path} imports ${name}, which is not there`)
    return file
  })
}

/** The first circle that is found, as the files on the way; undefined where there is none. */
function circleIn(imports: Imports): string[] | undefined {
  const done = new Set<string>()
  const visit = (file: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const imported of imports.get(file) ?? []) {
      const circle = visit(imported, [...way, file])
      if (circle) return circle
    }
    done.add(file)
    return undefined
  }
  for (const file of imports.keys()) {
    const circle = visit(file, [])
    if (circle) return circle
  }
  return undefined
}

/** Imports from folders that the importing one must not know. */
function againstTheFlow(imports: Imports, mayImport: typeof MAY_IMPORT): string[] {
  const folderOf = (path: string): string => path.split('/')[0] ?? path
  return [...imports].flatMap(([file, imported]) => {
    const folder = folderOf(file)
    const allowed = mayImport[folder] ?? []
    const wrong = imported.filter((path) => folderOf(path) !== folder && !allowed.includes(folderOf(path)))
    return wrong.map((path) => `${file} imports ${path}`)
  })
}

describe('www', () => {
  const imports = importsOfWww()

  test('is read: files, and imports of many', () => {
    expect(imports.size).toBeGreaterThan(100)
    expect([...imports.values()].flat().length).toBeGreaterThan(300)
  })

  test('no file imports itself through others', () => expect(circleIn(imports)).toBeUndefined())

  test('each folder imports only from those that it may know', () => expect(againstTheFlow(imports, MAY_IMPORT)).toEqual([]))

  test('each folder has its row', () => {
    const folders = readdirSync(ROOT)
    expect(Object.keys(MAY_IMPORT).sort()).toEqual(folders.sort())
  })
})

test('a circle is found, and an import against the flow', () => {
  const imports: Imports = new Map([
    ['a/one.ts', ['a/two.ts']],
    ['a/two.ts', ['b/three.ts']],
    ['b/three.ts', ['a/two.ts']],
  ])
  expect(circleIn(imports)).toEqual(['a/two.ts', 'b/three.ts', 'a/two.ts'])
  expect(againstTheFlow(imports, { a: ['b'], b: [] })).toEqual(['b/three.ts imports a/two.ts'])
  expect(circleIn(new Map([['a/one.ts', ['b/two.ts']]]))).toBeUndefined()
})
