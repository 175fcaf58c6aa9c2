// The documentation's site: copies the pages of docs/ to site/.pages, makes the reference from the sources, and lets VitePress build them.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { digest, unlessDone } from './build-cache.mjs'
import { Refusal, root, run, step } from './run.mjs'
import { bundlerPages, examplePages } from './site-examples.mjs'

const pages = join(root, 'site/.pages')
const bin = (name) => join(root, 'site/node_modules/.bin', name)
const read = (...path) => readFileSync(join(root, ...path), 'utf8')

/** Pages that do not come from docs/: their file in the repository, by their name on the site. */
const OTHER_PAGES = { changelog: 'CHANGELOG.md', security: 'SECURITY.md', contributing: 'CONTRIBUTING.md' }

/** Where TypeDoc finds a file for each entry of the package, which has the entry's name. */
const api = join(root, 'target/api')
/** Entries that have nothing to describe, or the same as others. */
const NOT_DESCRIBED = ['./inline', './worker', './element/define']

/** Makes the pages, from what `buildWeb` has built. */
export async function makePages() {
  await step('packages of the site', () =>
    unlessDone('site-npm', digest(['site/package-lock.json']), ['site/node_modules/.bin/vitepress'], () =>
      run('npm', ['ci', '--no-audit', '--no-fund'], { quiet: true, cwd: join(root, 'site') }),
    ),
  )
  await step('pages', async () => {
    rmSync(pages, { recursive: true, force: true })
    mkdirSync(pages, { recursive: true })
    for (const name of ['index.md', 'playground.md']) cpSync(join(root, 'site', name), join(pages, name))
    publicFiles()
    const count = copyDocs()
    const examples = examplePages(pages)
    const croppers = examples.filter(({ isCropper }) => isCropper)
    const made = { examples: examples.filter(({ isCropper }) => !isCropper), croppers, bundlers: bundlerPages(pages) }
    for (const [name, links] of Object.entries(made)) writeFileSync(join(pages, `${name}.json`), JSON.stringify(links))
    await reference()
    return `${count} pages of docs, ${examples.length} of examples, ${made.bundlers.length} of bundlers`
  })
}

/** Serves the pages until it is stopped; they follow no change of docs/ by themselves. */
export const serveSite = (port) => run(bin('vitepress'), ['dev', 'site', '--port', String(port), '--host', '127.0.0.1'])

/** Builds the site into target/site. A link that leads nowhere ends it. */
export const buildSite = () => step('site', () => run(bin('vitepress'), ['build', 'site'], { quiet: true }))

/** By the path of a file in the repository, its address on the site. */
function addresses() {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  const ofDocs = docs.map((name) => [`docs/${name}`, `/${name.slice(0, -3).toLowerCase()}`])
  const others = Object.entries(OTHER_PAGES).map(([name, file]) => [file, `/${name}`])
  const ofExamples = readdirSync(join(root, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => [`examples/${name}/README.md`, `/examples/${name}`])
  return new Map([...ofDocs, ...others, ...ofExamples, ['README.md', '/']])
}

function copyDocs() {
  const known = addresses()
  const guides = []
  for (const [file, address] of known) {
    if (address === '/' || address.startsWith('/examples/')) continue
    const text = withSiteLinks(read(file), file, known)
    writeFileSync(join(pages, `${address.slice(1)}.md`), text)
    const title = /^# (.+)$/m.exec(text)?.[1]
    if (file.startsWith('docs/') && !['/package', '/element'].includes(address)) guides.push({ text: title, link: address })
  }
  const pictures = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.png'))
  for (const picture of pictures) cpSync(join(root, 'docs', picture), join(pages, 'public', picture))
  writeFileSync(join(pages, 'guides.json'), JSON.stringify(guides))
  return [...known.keys()].filter((file) => file.startsWith('docs/')).length
}

/** Links to other pages as the site has them; links to sources lead to the repository. Both must exist. */
function withSiteLinks(text, file, known) {
  const { repository } = JSON.parse(read('package.json'))
  const sources = repository.url.replace(/^git\+|\.git$/g, '')
  return text.replaceAll(/\]\((?!https?:|#|\/|mailto:)([^)#\s]+)(#[^)]*)?\)/g, (whole, target, part = '') => {
    const path = normalize(join(file, '..', target)).replace(/\/$/, '')
    if (!existsSync(join(root, path))) throw new Refusal(`${file} links to ${target}, which does not exist.`)
    if (known.has(path)) return `](${known.get(path)}${part})`
    return /\.(png|jpg|svg)$/.test(path) ? `](/${basename(path)})` : `](${sources}/blob/main/${path}${part})`
  })
}

/** What the element has, from custom-elements.json, and what scripts can call, from their types. */
async function reference() {
  const { modules } = JSON.parse(read('custom-elements.json'))
  const element = modules.flatMap((module) => module.declarations).find((declaration) => declaration.tagName === 'true-crop')
  writeFileSync(join(pages, 'elements.json'), JSON.stringify({ attributes: element.attributes }))
  mkdirSync(join(pages, 'reference'))
  writeFileSync(join(pages, 'reference/element.md'), elementPage(element))
  const options = [
    '--plugin',
    'typedoc-plugin-markdown',
    '--tsconfig',
    join(api, 'tsconfig.json'),
    '--readme',
    'none',
    '--name',
    'Scripts',
  ]
  const output = [
    '--out',
    join(pages, 'reference/api'),
    '--entryFileName',
    'index.md',
    '--disableSources',
    '--hideBreadcrumbs',
    '--hidePageHeader',
    '--logLevel',
    'Error',
  ]
  await run(bin('typedoc'), [...options, ...output, '--basePath', api, ...apiEntries()], { quiet: true })
  const items = [
    { text: 'Element', link: '/reference/element' },
    { text: 'Scripts', link: '/reference/api/' },
    { text: 'HTTP', link: '/server' },
    { text: 'Recipe and receipt', link: '/receipt' },
  ]
  writeFileSync(join(pages, 'reference.json'), JSON.stringify(items))
}

/** The entries of package.json that have types of ours: a new one is described by itself. */
function apiEntries() {
  rmSync(api, { recursive: true, force: true })
  const { exports } = JSON.parse(read('package.json'))
  const sources = Object.entries(exports)
    .filter(([name]) => !NOT_DESCRIBED.includes(name))
    .map(([name, { types }]) => [name, types?.replace(/^\.\/dist\/types\/(.+)\.d\.ts$/, 'www/$1.ts')])
    .filter(([, source]) => source && existsSync(join(root, source)))
  mkdirSync(api, { recursive: true })
  writeFileSync(
    join(api, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', include: ['.', '../../www/**/*.d.ts'] }),
  )
  return sources.map(([name, source]) => {
    const file = join(api, `truecrop${name.slice(1)}.ts`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `export * from '${join(root, source).replace(/ts$/, 'js')}'\n`)
    return file
  })
}

/** The columns of the reference's tables: what custom-elements.json has of each. */
const TABLES = [
  ['Attributes', 'attributes', ['name', 'type', 'default', 'description']],
  ['Properties', 'fields', ['name', 'type', 'description']],
  ['Methods', 'methods', ['name', 'description']],
  ['Events', 'events', ['name', 'type', 'description']],
  ['Parts', 'cssParts', ['name', 'description']],
  ['Custom properties', 'cssProperties', ['name', 'default', 'description']],
  ['Slots', 'slots', ['name', 'description']],
]

function elementPage(element) {
  const of = (kind) => element.members.filter((member) => member.kind === kind)
  const lists = { ...element, fields: of('field'), methods: of('method') }
  const tables = TABLES.filter(([, list]) => lists[list]?.length > 0).map(([title, list, columns]) => {
    const rows = lists[list].map((entry) => `| ${columns.map((column) => cell(entry, column)).join(' | ')} |`)
    return [`## ${title}`, '', `| ${columns.join(' | ')} |`, `|${' --- |'.repeat(columns.length)}`, ...rows, ''].join('\n')
  })
  return [
    '# `<true-crop>`',
    '',
    `${element.description}`,
    '',
    'How these work together: [the element](/element).',
    '',
    ...tables,
  ].join('\n')
}

function cell(entry, column) {
  const value = column === 'type' ? entry.type?.text : entry[column]
  if (!value) return ''
  const text = String(value).replaceAll('|', '\\|').replaceAll('\n', ' ')
  return column === 'description' ? text.replaceAll('<', '&lt;') : `\`${text}\``
}

/** What the playground loads. */
function publicFiles() {
  const into = join(pages, 'public')
  cpSync(join(root, 'dist'), join(into, 'truecrop'), {
    recursive: true,
    filter: (path) => !/\/dist\/(demo|types)$/.test(path),
  })
  for (const name of ['sample.jpg', 'icon.svg']) cpSync(join(root, 'www/demo', name), join(into, name))
}
