// What must not be committed: paths of one machine, addresses of a registry, build output, files of more than LONGEST lines.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, root, run } from './run.mjs'

const LONGEST = 420
const CODE = /\.(rs|ts|mjs|js|css)$/
const TEXT = /\.(rs|ts|mjs|js|css|md|toml|json|html|lock|yml|yaml)$|^\.ci\/run$/
/** Folders that are built or installed. */
const BUILT = /(?:^|\/)(?:dist|node_modules|target|\.temp|\.next|\.svelte-kit)\//
const NEVER = [
  [/(?<![\w.])\/(?:root|home\/\w+|work)\/[\w.]/, 'a path of one machine'],
  [/"resolved":/, 'a registry address'],
]

/** Checks every file that git tracks. */
export async function lintTree() {
  const files = (await run('git', ['ls-files', '-z'], { quiet: true })).split('\0').filter(Boolean)
  const wrong = files.filter((name) => BUILT.test(name)).map((name) => `${name}: build output`)
  for (const file of files.filter((name) => TEXT.test(name))) {
    if (file === 'scripts/lib/lint-tree.mjs') continue
    const text = readFileSync(join(root, file), 'utf8')
    const lines = text.split('\n').length
    if (CODE.test(file) && lines > LONGEST) wrong.push(`${file}: ${lines} lines, more than ${LONGEST}`)
    for (const [pattern, name] of NEVER) {
      const found = pattern.exec(text)
      if (found) wrong.push(`${file}: ${name} (${found[0]})`)
    }
  }
  if (wrong.length > 0) throw new Refusal(`This must not be committed:\n  ${wrong.join('\n  ')}`)
  return `${files.length} files`
}

/** The npm package has no dependencies by design: whoever installs it gets nothing else. The frameworks of its wrappers are optional peers. */
export function checkNpmDependencies() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {}, optionalDependencies = {} } = manifest
  const needed = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional)
  const names = [...Object.keys({ ...dependencies, ...optionalDependencies }), ...needed]
  if (names.length > 0) throw new Refusal(`The npm package must not have dependencies: ${names.join(', ')}.`)
}
