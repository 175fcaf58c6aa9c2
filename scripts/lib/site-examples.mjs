// Pages of the site that are made from what is tested: one for each application of examples/, and one for each bundler of the consumers' list.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { ADAPTERS } from './build-web.mjs'
import { CONSUMERS } from './consumer-list.mjs'
import { root } from './run.mjs'

const read = (...path) => readFileSync(join(root, ...path), 'utf8')
const fenced = (language, text) => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`

/** Files that say nothing about truecrop. */
const LEFT_OUT = [
  'README.md',
  'angular.json',
  'tsconfig.json',
  'app.html',
  'node_modules',
  'package-lock.json',
  'uploads',
  'dist',
]
const SHOWN = {
  '.html': 'html',
  '.js': 'js',
  '.jsx': 'jsx',
  '.mjs': 'js',
  '.svelte': 'svelte',
  '.toml': 'toml',
  '.ts': 'ts',
  '.vue': 'vue',
}

/** Writes examples/NAME.md for each example: its readme, and its files. Gives the links to them. */
export function examplePages(pages) {
  mkdirSync(join(pages, 'examples'), { recursive: true })
  const folders = readdirSync(join(root, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return folders.map(({ name }) => {
    const readme = read('examples', name, 'README.md').replaceAll(
      /\]\(\.\.\/\.\.\/docs\/(\w+)\.md(#[^)]*)?\)/g,
      (_, page, part = '') => `](/${page.toLowerCase()}${part})`,
    )
    const files = filesOf(join('examples', name)).map((path) => {
      const shown = path.slice(`examples/${name}/`.length)
      return `## ${shown}\n\n${fenced(SHOWN[extname(path)], read(path))}`
    })
    const stage = name === 'uppy-s3' ? 'bucket' : 'examples'
    const held = `\`npm test -- ${stage}\` starts it, uploads a photo in Chromium, and compares what was stored with what Node makes of its receipt.`
    writeFileSync(join(pages, 'examples', `${name}.md`), [readme, held, '', ...files].join('\n'))
    const text = /^# ([^:,]+)/m.exec(readme)[1].trim()
    return { text, link: `/examples/${name}`, isCropper: ADAPTERS.includes(name) }
  })
}

/** The files of an example that somebody would read, pages before servers. */
function filesOf(folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).filter(
    ({ name }) => !LEFT_OUT.includes(name) && !name.startsWith('.'),
  )
  const files = entries.filter((entry) => entry.isFile() && SHOWN[extname(entry.name)]).map(({ name }) => join(folder, name))
  return [...entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => filesOf(join(folder, name))), ...files]
}

/** By the first words of a consumer's title. */
const BUNDLERS = [
  'Vite',
  'webpack',
  'Rspack',
  'Rollup',
  'esbuild',
  'Parcel',
  'Next',
  'Nuxt',
  'SvelteKit',
  'Astro',
  'Angular',
  'a CDN',
]
const EDGE = ['Node', 'Bun', 'Deno', 'workerd']

/** Writes bundlers/NAME.md: what it was seen with, how, and what must be set. Gives the links to them. */
export function bundlerPages(pages) {
  mkdirSync(join(pages, 'bundlers'), { recursive: true })
  const seen = tableRows()
  return [...BUNDLERS, ...EDGE].map((bundler) => {
    const consumers = CONSUMERS.filter(({ title }) => title.startsWith(bundler))
    const title = bundler.replace(/^a /, 'A ')
    const link = `/bundlers/${bundler.replace(/^a /, '').toLowerCase()}`
    const text = [
      `# ${title}`,
      '',
      ...introduction(bundler),
      '',
      ...consumers.flatMap((consumer) => section(consumer, seen)),
      ...further(),
    ]
    writeFileSync(join(pages, `${link.slice(1)}.md`), text.join('\n'))
    return { text: title, link }
  })
}

const introduction = (bundler) =>
  EDGE.includes(bundler)
    ? ['No page: the engine for back ends. `npm i truecrop`, then `truecrop/node` ([how](/node)).']
    : [
        '`npm i truecrop`, then import what you need: worker and modules are found by themselves.',
        '',
        fenced('js', `import 'truecrop/element/define'`),
      ]

/** What the stage `consumers` has printed, by title: docs/PACKAGE.md shows it. */
function tableRows() {
  const [, table] = /<!-- consumers -->\n([\s\S]*?)<!-- \/consumers -->/.exec(read('docs/PACKAGE.md'))
  const rows = table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  return new Map(rows.map(([, title, ...cells]) => [title, cells]))
}

function section({ title, setting, tools, build }, seen) {
  const [, worker, wasm, scripts] = seen.get(title) ?? []
  const facts = [
    ['You must set', setting ?? 'nothing'],
    [
      'Seen with',
      tools
        ? Object.entries(tools)
            .map(([tool, version]) => `${tool} ${version}`)
            .join(', ')
        : 'the versions of the repository',
    ],
    ['Built by', build ? build.map((words) => `\`${words.join(' ')}\``).join(', ') : 'nothing'],
    ['The worker comes from', { file: 'its own file', Blob: 'a `Blob`', none: 'nowhere: there is none' }[worker]],
    ['The modules come as', wasm],
    ['The test page loads', !scripts || scripts === 'not counted' ? undefined : `${scripts} of scripts, uncompressed`],
  ]
  const rows = facts.filter(([, value]) => value !== undefined).map(([fact, value]) => `| ${fact} | ${value} |`)
  return [`## ${title[0].toUpperCase()}${title.slice(1)}`, '', '| | |', '| --- | --- |', ...rows, '']
}

const further = () => [
  'How the worker and the modules are found, and how to put them at addresses of your own: [install](/package#where-it-runs). `npm test -- consumers` builds each of these with the packed package and',
  'compares the bytes of its pictures with those that Node makes.',
  '',
]
