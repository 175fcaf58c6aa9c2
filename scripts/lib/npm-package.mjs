// Lays out what is published to npm in a folder of its own: dist, a readme of its own, and entries for old resolvers.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ADAPTERS } from './build-web.mjs'
import { root, run, step } from './run.mjs'

/** What is packed: `npm pack target/npm-package`. */
export const packageFolder = join(root, 'target/npm-package')

/** The members of package.json that only matter in the repository. */
const NOT_PUBLISHED = ['scripts', 'devDependencies']

/**
 * Entries at the package's root, for resolvers that do not know the field `exports`: Parcel's default one, TypeScript's
 * `node10`. Name, file in dist, types, whether it is made for the browser alone, whether it has a default export.
 */
const ROOT_ENTRIES = [
  { name: 'element', file: 'true-crop', types: 'element/true-crop', clientOnly: true },
  { name: 'element/define', file: 'element', types: 'element/define', clientOnly: true },
  { name: 'inline', file: 'inline/index', types: 'client/index' },
  { name: 'languages', file: 'languages', types: 'element/languages/index' },
  { name: 'worker', file: 'worker', types: 'worker' },
  { name: 'core', file: 'core', types: 'core/full', isDefault: true },
  { name: 'core/all', file: 'core-all', types: 'core/all', isDefault: true },
  ...ADAPTERS.map((name) => ({ name: `adapters/${name}`, file: `adapters/${name}`, types: `adapters/${name}` })),
  ...['filepond', 'react', 'vue', 'svelte', 'uppy'].map((name) => ({
    name,
    file: name,
    types: `${name}/index`,
    clientOnly: true,
  })),
  { name: 'uppy/editor', file: 'uppy-editor', types: 'uppy/editor', clientOnly: true },
  { name: 'node', file: 'node', types: 'node/index' },
  { name: 'core/jpeg', file: 'core-jpeg', types: 'core/jpeg', isDefault: true },
  { name: 'core/heic', file: 'core-heic', types: 'core/heic', isDefault: true },
  { name: 'upload', file: 'upload', types: 'upload/index' },
]

/** Writes {@link packageFolder} from what is built. */
export async function stagePackage() {
  await step('npm package, unpacked', () => {
    rmSync(packageFolder, { recursive: true, force: true })
    mkdirSync(packageFolder, { recursive: true })
    const skipped = [join(root, 'dist/demo')]
    cpSync(join(root, 'dist'), join(packageFolder, 'dist'), { recursive: true, filter: (path) => !skipped.includes(path) })
    for (const name of ['custom-elements.json', 'CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE']) {
      cpSync(join(root, name), join(packageFolder, name))
    }
    cpSync(join(root, 'docs/PACKAGE.md'), join(packageFolder, 'README.md'))
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    for (const name of NOT_PUBLISHED) delete manifest[name]
    manifest.files = [...new Set([...manifest.files, ...ROOT_ENTRIES.flatMap(rootFiles)])]
    writeFileSync(join(packageFolder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
    for (const entry of ROOT_ENTRIES) writeRootEntry(entry)
  })
}

/** What `files` must name, so that an entry is packed. */
const rootFiles = ({ name }) => (name.includes('/') ? [dirname(name)] : [`${name}.js`, `${name}.d.ts`])

/** Packs {@link packageFolder} into a folder, and returns the file. */
export async function packPackage(folder) {
  await stagePackage()
  const options = ['pack', '--json', '--silent', '--pack-destination', folder, packageFolder]
  const [{ filename }] = JSON.parse(await run('npm', options, { quiet: true }))
  return join(folder, filename)
}

function writeRootEntry({ name, file, types, clientOnly, isDefault }) {
  const up = name.includes('/') ? '../' : './'
  const lines = (from) => [`export * from '${from}'`, ...(isDefault ? [`export { default } from '${from}'`] : [])]
  const code = `${up}dist/${file}.js`
  // An import for its effect alone, because `export *` of a module whose names nobody uses may be dropped.
  const text = [...(clientOnly ? [`'use client'`] : []), `import '${code}'`, ...lines(code), '']
  mkdirSync(join(packageFolder, dirname(name)), { recursive: true })
  writeFileSync(join(packageFolder, `${name}.js`), text.join('\n'))
  writeFileSync(join(packageFolder, `${name}.d.ts`), [...lines(`${up}dist/types/${types}.js`), ''].join('\n'))
}
