// Every path that the pages for people name is there: `www/element` or, where it ends as a source file does, the end of one (`plan/placement.rs`).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, root, run } from './run.mjs'

const PAGE = /^(?:[A-Z]+|(?:docs|ops|fuzz|bench|tests\/.+|crates\/[^/]+)\/[\w-]+)\.md$/
const CODE_BLOCK = /```[\s\S]*?```/g
const PATH = /`([\w.@-]+(?:\/[\w.@-]+)+)\/?`/g
const SOURCE_FILE = /\.(?:rs|ts|mjs)$/
/** Folders that are made by commands. */
const MADE = /^(?:dist|target)\//
/** Stands for any path, in the rules of style. */
const EXAMPLES = ['x/mod.rs']

/** Of a page, the paths that nothing has. `files` are those that git tracks. */
export function missingPaths(page, files) {
  const folders = files.flatMap((file) => file.split('/').map((_, i, parts) => parts.slice(0, i).join('/')))
  const known = new Set([...files, ...folders])
  const isThere = (path) => known.has(path) || files.some((file) => SOURCE_FILE.test(path) && file.endsWith(`/${path}`))
  const isOurs = (path) => known.has(path.split('/')[0]) || SOURCE_FILE.test(path)
  const named = [...page.replace(CODE_BLOCK, '').matchAll(PATH)].map(([, path]) => path)
  return named.filter((path) => isOurs(path) && !MADE.test(path) && !EXAMPLES.includes(path) && !isThere(path))
}

/** Checks every page. */
export async function checkDocsPaths() {
  const files = (await run('git', ['ls-files', '-z'], { quiet: true })).split('\0').filter(Boolean)
  const pages = files.filter((file) => PAGE.test(file))
  const wrong = pages.flatMap((page) => {
    const missing = missingPaths(readFileSync(join(root, page), 'utf8'), files)
    return missing.map((path) => `${page} names ${path}`)
  })
  if (wrong.length > 0) throw new Refusal(`These paths are not there:\n  ${wrong.join('\n  ')}`)
  return `${pages.length} pages`
}
