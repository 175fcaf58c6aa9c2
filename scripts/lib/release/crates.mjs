// The crates as crates.io would get them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, root, run } from '../run.mjs'
import { version } from './versions.mjs'

/** In the order in which they must be published: each needs the ones before it. */
const CRATES = ['truecrop-core', 'truecrop-server', 'truecrop']

const target = ['--target-dir', 'target/packages']
const chosen = CRATES.flatMap((name) => ['-p', name])
/** Bytes that crates.io takes at most. */
const MOST = 10 * 1024 * 1024

/** Packs all at once: two depend on a version of the core that no registry has yet. What they hold is checked. */
export async function packCrates() {
  await run('cargo', ['package', '--quiet', '--locked', ...chosen, '--no-verify', '--allow-dirty', ...target], { quiet: true })
  const sizes = []
  for (const name of CRATES) {
    const packed = join(root, `target/packages/package/${name}-${version()}.crate`)
    const bytes = readFileSync(packed).length
    if (bytes > MOST) throw new Refusal(`The packed crate ${name} has ${bytes} bytes: crates.io takes ${MOST}.`)
    const names = (await run('tar', ['-tzf', packed], { quiet: true })).split('\n')
    checkContents(name, names)
    await checkManifest(name, packed)
    sizes.push(`${name} ${bytes} bytes`)
  }
  return sizes.join(', ')
}

/** What the packed crate must have, and what only the repository needs. */
function checkContents(name, files) {
  const wanted = ['Cargo.toml', 'README.md', 'LICENSE-MIT', 'LICENSE-APACHE'].map((file) => `${name}-${version()}/${file}`)
  const missing = wanted.filter((file) => !files.includes(file))
  if (missing.length > 0) throw new Refusal(`The packed crate ${name} has no ${missing.join(', ')}.`)
  const strange = files.filter((file) => /\/(tests|fixtures|node_modules|www)\//.test(file))
  if (strange.length > 0) throw new Refusal(`The packed crate ${name} should not have ${strange.slice(0, 5).join(', ')}.`)
}

/** The fields of Cargo.toml that crates.io asks for, or shows. */
async function checkManifest(name, packed) {
  const manifest = await run('tar', ['-xzOf', packed, `${name}-${version()}/Cargo.toml`], { quiet: true })
  const missing = ['description', 'license', 'repository', 'readme', 'keywords', 'categories', 'rust-version'].filter(
    (field) => !new RegExp(`^${field} = `, 'm').test(manifest),
  )
  if (missing.length > 0) throw new Refusal(`Cargo.toml of ${name} has no ${missing.join(', ')}.`)
}

/** What cargo itself would refuse. It asks the registry's index; a machine without it is told so. */
export async function publishCratesDry() {
  const args = ['publish', '--quiet', '--dry-run', '--locked', '--no-verify', '--allow-dirty', ...chosen, ...target]
  await run('cargo', args, { quiet: true })
  return `in this order: ${CRATES.join(', ')}`
}
