// One version in everything that is published, and what the changelog says of it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, root, run } from '../run.mjs'

const read = (path) => readFileSync(join(root, path), 'utf8')
const found = (path, pattern) => pattern.exec(read(path))?.[1]

/** The version that is to be released. */
export const version = () => JSON.parse(read('package.json')).version

/** What has a version, and where it stands. tests/node/version.test.ts also asks the built engine. */
const PLACES = {
  'package-lock.json': () => JSON.parse(read('package-lock.json')).packages[''].version,
  'Cargo.toml, workspace.package': () => found('Cargo.toml', /\[workspace\.package\]\nversion = "([^"]+)"/),
  'Cargo.toml, the dependency on truecrop-core': () => found('Cargo.toml', /\ntruecrop-core = \{[^}]*version = "([^"]+)"/),
  ...Object.fromEntries(
    ['truecrop', 'truecrop-core', 'truecrop-server'].map((name) => [
      `Cargo.lock, ${name}`,
      () => found('Cargo.lock', new RegExp(`name = "${name}"\\nversion = "([^"]+)"`)),
    ]),
  ),
  'target/release/truecrop': async () =>
    (await run(join(root, 'target/release/truecrop'), ['--version'], { quiet: true })).trim().split(' ')[1],
}

export async function checkVersions() {
  const wanted = version()
  const wrong = []
  for (const [place, find] of Object.entries(PLACES)) {
    const there = await find()
    if (there !== wanted) wrong.push(`${place} has ${there ?? 'none'}`)
  }
  if (wrong.length > 0) throw new Refusal(`package.json has version ${wanted}, but ${wrong.join(', and ')}.`)
  return wanted
}

/** The newest entry of the changelog, which must be about this version. */
function entry() {
  const [, title, text] = /\n## ([^\n]+)\n([\s\S]*?)(?=\n## |$)/.exec(read('CHANGELOG.md')) ?? []
  return { title, text: text?.trim() ?? '' }
}

export function changelogSays() {
  const { title, text } = entry()
  if (title?.split(' ')[0] !== version())
    throw new Refusal(`The newest entry of CHANGELOG.md is "${title}": write one for ${version()}.`)
  if (!/^- /m.test(text)) throw new Refusal(`CHANGELOG.md says nothing about ${version()}.`)
  return `${text.match(/^- /gm).length} points about ${version()}`
}

/** What is right in a rehearsal, and must be done before the real thing. */
export async function notYet() {
  const lines = []
  if (/^Not published yet\.$/m.test(entry().text))
    lines.push(`CHANGELOG.md says "Not published yet." below ${version()}: write the date there.`)
  const changes = await run('git', ['status', '--porcelain=v1'], { quiet: true })
  if (changes) lines.push('Some files are not committed: what is published must be what the tag has.')
  const tags = await run('git', ['tag', '--points-at', 'HEAD'], { quiet: true })
  if (!tags.split('\n').includes(`v${version()}`)) lines.push(`This commit has no tag v${version()}.`)
  return [...lines, 'Run `.ci/run` and `npm test -- consumers examples frameworks croppers uploaders site`.']
}
