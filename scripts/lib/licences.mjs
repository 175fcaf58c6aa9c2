// The licences of everything that is shipped: permissive, without copyleft.
import { Refusal, root, run } from './run.mjs'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ALLOWED = new Set(
  'MIT MIT-0 Apache-2.0 BSD-2-Clause BSD-3-Clause ISC Zlib Unicode-3.0 0BSD CC0-1.0 BSL-1.0 IJG Unlicense'.split(' '),
)

/** Whether an SPDX expression can be met with allowed licences alone. */
export function allowed(expression) {
  const tokens = expression.replaceAll('/', ' OR ').match(/[()]|[^\s()]+/g) ?? []
  let at = 0
  const either = () => {
    let met = both()
    while (tokens[at] === 'OR') {
      at += 1
      const other = both()
      met ||= other
    }
    return met
  }
  const both = () => {
    let met = one()
    while (tokens[at] === 'AND') {
      at += 1
      const other = one()
      met &&= other
    }
    return met
  }
  const one = () => {
    const token = tokens[at++]
    if (token === '(') {
      const met = either()
      at += 1
      return met
    }
    if (tokens[at] === 'WITH') at += 2
    return ALLOWED.has(token)
  }
  return either()
}

/** Every crate that the product is built of, and every npm package that the npm package needs. */
export async function checkLicences() {
  const metadata = JSON.parse(await run('cargo', ['metadata', '--locked', '--format-version', '1'], { quiet: true }))
  const shipped = shippedIds(metadata)
  const crates = metadata.packages.filter((crate) => shipped.has(crate.id))
  const wrong = crates
    .filter((crate) => !allowed(crate.license ?? ''))
    .map((crate) => `${crate.name} ${crate.version}: ${crate.license}`)
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  wrong.push(...Object.keys(dependencies).map((name) => `npm ${name}: the npm package has no dependencies by design`))
  if (wrong.length > 0) throw new Refusal(`Licences that the product can not carry:\n  ${wrong.join('\n  ')}`)
  return `${crates.length} crates`
}

/** Crates reached from the workspace by normal and build dependencies. */
function shippedIds(metadata) {
  const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]))
  const seen = new Set()
  const queue = [...metadata.workspace_members]
  while (queue.length > 0) {
    const id = queue.pop()
    if (seen.has(id)) continue
    seen.add(id)
    for (const dep of nodes.get(id).deps) if (dep.dep_kinds.some((kind) => kind.kind !== 'dev')) queue.push(dep.pkg)
  }
  return seen
}
