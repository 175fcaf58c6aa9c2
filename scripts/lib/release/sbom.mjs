// Bills of materials in CycloneDX: what is in the npm package and in the server's binary. The package has no npm dependencies; its wasm modules hold crates.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, root, run } from '../run.mjs'
import { releaseTool } from './npm.mjs'
import { version } from './versions.mjs'

/** What is published, which crate it is made of, with which features and for which target. */
const PRODUCTS = [
  {
    file: 'npm',
    purl: () => `pkg:npm/truecrop@${version()}`,
    crate: 'truecrop',
    features: ['--features', 'all-formats'],
    target: 'wasm32-unknown-unknown',
  },
  { file: 'server', crate: 'truecrop-server', features: [], target: 'x86_64-unknown-linux-gnu' },
]

/** Writes `truecrop-VERSION.NAME.cdx.json` for each product. */
export async function writeSboms(files) {
  const CDX = await releaseTool('@cyclonedx/cyclonedx-library')
  const npm = JSON.parse(
    await run('npm', ['sbom', '--package-lock-only', '--omit=dev', '--omit=peer', '--omit=optional', '--sbom-format=cyclonedx'], {
      quiet: true,
    }),
  )
  if (npm.components.length > 0)
    throw new Refusal(`The npm package has dependencies: ${npm.components.map(({ name }) => name).join(', ')}.`)
  const counts = []
  for (const product of PRODUCTS) {
    const { text, count } = await sbomOf(product, CDX)
    writeFileSync(join(files, `truecrop-${version()}.${product.file}.cdx.json`), text)
    counts.push(`${product.file}: ${count} crates`)
  }
  return counts.join(', ')
}

async function sbomOf(product, CDX) {
  const { Enums, Models, Serialize, Spec, Validation } = CDX
  const { top, libraries, needs } = await cratesOf(product)
  const component = (crate, type = Enums.ComponentType.Library) => {
    const made = new Models.Component(type, crate.name, {
      version: crate.version,
      description: crate.description?.trim(),
      bomRef: `${crate.name}@${crate.version}`,
      purl: `pkg:cargo/${crate.name}@${crate.version}`,
    })
    if (crate.license) made.licenses.add(new Models.LicenseExpression(crate.license.replaceAll('/', ' OR ')))
    return made
  }
  const application = component(top, Enums.ComponentType.Application)
  if (product.purl) application.purl = product.purl()
  const components = new Map(libraries.map((crate) => [crate.id, component(crate)]))
  components.set(top.id, application)
  for (const [id, others] of needs) for (const other of others) components.get(id).dependencies.add(components.get(other).bomRef)
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: application }) })
  for (const { id } of libraries) bom.components.add(components.get(id))
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6))
  const text = serializer.serialize(bom, { sortLists: true, space: 2 })
  const faults = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)
  if (faults !== null)
    throw new Refusal(`The bill of materials of ${product.crate} is not valid CycloneDX: ${JSON.stringify(faults)}`)
  return { text: `${text}\n`, count: libraries.length }
}

/**
 * The crates that are compiled into a product: with its features and for its target, and not what tests or build scripts use.
 * `cargo tree` chooses them; `cargo metadata`, whose features are those of the whole workspace, says what they are.
 */
async function cratesOf({ crate, features, target }) {
  const chosen = ['-p', crate, ...features, '--target', target, '-e', 'normal', '--prefix', 'none', '--format', '{p}']
  const lines = (await run('cargo', ['tree', '--locked', ...chosen], { quiet: true })).split('\n')
  const wanted = new Set(lines.map((line) => /^(\S+) v(\S+)/.exec(line)?.slice(1, 3).join('@')))
  const args = ['metadata', '--format-version=1', '--locked', '--filter-platform', target]
  const { packages, resolve } = JSON.parse(await run('cargo', args, { quiet: true }))
  const shipped = new Map(
    packages.filter(({ name, version: of }) => wanted.has(`${name}@${of}`)).map((entry) => [entry.id, entry]),
  )
  const needs = resolve.nodes
    .filter(({ id }) => shipped.has(id))
    .map(({ id, deps }) => [
      id,
      deps
        .filter(isCompiledIn)
        .map(({ pkg }) => pkg)
        .filter((pkg) => shipped.has(pkg)),
    ])
  const top = [...shipped.values()].find(({ name }) => name === crate)
  return { top, libraries: [...shipped.values()].filter((entry) => entry !== top), needs }
}

const isCompiledIn = ({ dep_kinds: kinds }) => kinds.some(({ kind }) => kind === null)
