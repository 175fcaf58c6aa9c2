// The npm package as the registry would get it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { digest, unlessDone } from '../build-cache.mjs'
import { brotliBytes } from '../build.mjs'
import { packPackage, packageFolder } from '../npm-package.mjs'
import { Refusal, root, run } from '../run.mjs'
import { version } from './versions.mjs'

/** The tools have a folder and a lock file of their own: nobody needs them to build or to test. */
const tools = join(root, 'scripts/release')
const tarball = (files) => join(files, `truecrop-${version()}.tgz`)
const manifest = () => JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))

/** A module of {@link tools}, installed when it is first asked for. */
export async function releaseTool(name) {
  await unlessDone('release-npm', digest(['scripts/release/package-lock.json']), ['scripts/release/node_modules/publint'], () =>
    run('npm', ['ci', '--no-audit', '--no-fund'], { quiet: true, cwd: tools }),
  )
  const { resolve } = createRequire(join(tools, 'package.json'))
  return import(pathToFileURL(resolve(name)))
}

export async function packNpm(files) {
  const made = await packPackage(files)
  if (made !== tarball(files)) throw new Refusal(`The packed file is ${made}, not ${tarball(files)}.`)
  const names = (await run('tar', ['-tzf', made], { quiet: true })).trim().split('\n')
  const maps = names.filter((name) => name.endsWith('.map'))
  if (maps.length > 0) throw new Refusal(`Source maps are packed: ${maps.slice(0, 3).join(', ')}.`)
  checkLinks(readFileSync(join(packageFolder, 'README.md'), 'utf8'))
  for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE', 'custom-elements.json']) {
    if (!names.includes(`package/${name}`)) throw new Refusal(`The packed package has no ${name}.`)
  }
  return `${names.length} files, ${readFileSync(made).length} bytes`
}

/** On npm's page a link must be whole, or lead to a place of the page itself. */
function checkLinks(readme) {
  const links = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link)
  const wrong = links.filter((link) => !/^(https:\/\/|#)/.test(link))
  if (wrong.length > 0) throw new Refusal(`Links of docs/PACKAGE.md lead nowhere on npm's page: ${wrong.join(', ')}.`)
}

export async function lintPackage(files) {
  const { publint } = await releaseTool('publint')
  const { formatMessage } = await releaseTool('publint/utils')
  const bytes = readFileSync(tarball(files))
  const packed = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const { messages, pkg } = await publint({ pack: { tarball: packed }, strict: true })
  const said = messages.map((message) => `${message.type}: ${formatMessage(message, pkg, { color: false })}`)
  const wrong = messages.filter(({ type }) => type !== 'suggestion')
  if (wrong.length > 0) throw new Refusal(`publint says: ${said.join('; ')}`)
  return said.length > 0 ? `no errors; ${said.join('; ')}` : 'no errors, warnings or suggestions'
}

/** Entries that are not scripts. */
const NO_TYPES = /\.(wasm|json)$/

export async function checkTypes(files) {
  const { checkPackage, createPackageFromTarballData } = await releaseTool('@arethetypeswrong/core')
  const packed = createPackageFromTarballData(new Uint8Array(readFileSync(tarball(files))))
  const entries = Object.keys(manifest().exports).filter((name) => !NO_TYPES.test(name))
  const { problems, types } = await checkPackage(packed, { entrypoints: entries })
  if (!types) throw new Refusal('The package has no types.')
  const wrong = problems.filter((problem) => !isMeant(problem))
  const shown = wrong.map(
    (each) => `${each.kind} of ${each.entrypoint ?? each.fileName} by ${each.resolutionKind ?? each.resolutionOption}`,
  )
  if (wrong.length > 0) throw new Refusal(`arethetypeswrong says: ${shown.join('; ')}.`)
  return `${entries.length} entries by node10, node16 and bundlers; ${problems.length} problems that are meant: ES modules alone`
}

/**
 * The package is ES modules, but for `truecrop/node`: to `require` the others gives a module of ES, which Node can do since version 20.19.
 * TypeScript's `node10` knows no field `exports`; the entries at the package's root serve it, as ES modules too.
 */
const isMeant = ({ kind, entrypoint, resolutionKind }) =>
  (kind === 'CJSResolvesToESM' && entrypoint !== './node') || (resolutionKind === 'node10' && entrypoint === './node')

/** Bytes of brotli that a page may load before a person picks a photo: the element, what it imports at once, and the worker. */
const MOST_OF_A_PAGE = 24 * 1024

export function checkSizesOfPages() {
  const files = [...withImports('element.js'), 'worker.js']
  const bytes = files.reduce((sum, file) => sum + brotliBytes(`dist/${file}`), 0)
  const text = `element and worker: ${bytes} of ${MOST_OF_A_PAGE} bytes of brotli in ${files.length} files`
  if (bytes > MOST_OF_A_PAGE) throw new Refusal(`A page loads too much. ${text}.`)
  return text
}

/** A file of dist and those that it imports when it is loaded: `import` and `export ... from`, and not `import()`. */
function withImports(name, seen = new Set()) {
  if (seen.has(name)) return []
  seen.add(name)
  const text = readFileSync(join(root, 'dist', name), 'utf8')
  const imported = [...text.matchAll(/(?:^|[;}\s"'])(?:import|export)\s*(?:[\w*{}\s,$]+?from\s*)?["']\.\/([\w.-]+\.js)["']/g)]
  return [name, ...imported.flatMap(([, file]) => withImports(file, seen))]
}

/** npm says where a package was built if it is public, comes from a repository that it names, and a workflow may ask for an identity. */
export function provenanceReady() {
  const { publishConfig, repository } = manifest()
  if (publishConfig?.provenance !== true || publishConfig.access !== 'public')
    throw new Refusal('package.json needs "publishConfig": { "access": "public", "provenance": true }.')
  if (!/^git\+https:\/\/github\.com\/[\w-]+\/[\w.-]+\.git$/.test(repository?.url ?? ''))
    throw new Refusal('repository.url of package.json must be the GitHub repository that publishes it.')
  const workflow = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')
  if (!/id-token: write/.test(workflow))
    throw new Refusal('.github/workflows/release.yml needs the permission "id-token: write".')
  return `by .github/workflows/release.yml of ${repository.url.replace(/^git\+|\.git$/g, '')}`
}

export async function npmPublishDry(files) {
  // Provenance can only be made where the workflow runs.
  const args = ['publish', '--dry-run', '--json', '--provenance=false', '--ignore-scripts', tarball(files)]
  const printed = JSON.parse(await run('npm', args, { quiet: true }))
  const { id, shasum } = printed.id ? printed : (printed.truecrop ?? Object.values(printed)[0])
  if (id !== `truecrop@${version()}`) throw new Refusal(`npm would publish ${id}.`)
  return `${id}, ${shasum}`
}
