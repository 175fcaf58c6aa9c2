// Every code block of the documentation: scripts are compiled against the types of the packed package, data and markup are parsed, commands must exist.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { digest, unlessDone } from './build-cache.mjs'
import { blocksOf } from './docs-blocks.mjs'
import { packageFolder, stagePackage } from './npm-package.mjs'
import { Refusal, root, run, step } from './run.mjs'

const project = join(root, 'tests/docs')
const work = join(root, 'target/docs')
const bin = (name) => join(work, 'node_modules/.bin', name)
const read = (path) => readFileSync(join(root, path), 'utf8')

/** The pages whose blocks count. */
export function pages() {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  const examples = readdirSync(join(root, 'examples')).map((name) => `examples/${name}/README.md`)
  const crates = readdirSync(join(root, 'crates')).map((name) => `crates/${name}/README.md`)
  const others = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'examples/README.md', ...examples, ...crates]
  return [...docs.map((name) => `docs/${name}`), ...others.filter((path) => existsSync(join(root, path)))]
}

/** Blocks of these languages become files of their own, which the compilers check. */
const COMPILED = ['js', 'jsx', 'ts', 'tsx', 'vue', 'svelte']

export async function docsCodeHolds() {
  await install()
  const { parse: parseToml } = await tool('smol-toml')
  const { parse: parseYaml } = await tool('yaml')
  const { parse: parseHtml, parseFragment } = await tool('parse5')
  const elements = knownElements()
  const faults = []
  const attempt = (place, work) => {
    try {
      work()
    } catch (error) {
      faults.push(`${place}: ${error.message}`)
    }
  }
  const check = {
    json: ({ code }) => parseJson(code),
    toml: ({ code }) => parseToml(code),
    yaml: ({ code }) => parseYaml(code),
    html: (block) => checkHtml(block, /<html/.test(block.code) ? parseHtml(block.code) : parseFragment(block.code), elements),
    sh: ({ code }) => checkCommands(code),
    text: () => {},
    ...Object.fromEntries(COMPILED.map((language) => [language, (block) => writeSource(block, language)])),
  }
  const counts = {}
  for (const page of pages()) {
    attempt(page, () => checkScripts(read(page)))
    for (const block of blocksOf(page, read(page))) {
      const kind = block.ignored ? 'ignored' : block.language
      counts[kind] = (counts[kind] ?? 0) + 1
      const work = check[kind] ?? (() => refuseLanguage(block))
      if (!block.ignored) attempt(`${page}:${block.line}`, () => work(block))
    }
  }
  const told = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`)
  process.stdout.write(`  ${told.join(', ')}\n`)
  if (faults.length > 0) throw new Refusal(`These blocks of the docs are wrong:\n  ${faults.join('\n  ')}`)
  await compile()
}

function refuseLanguage({ language }) {
  throw new Refusal(`blocks of "${language}" are not checked: write "text", or "${language || 'text'} ignore"`)
}

/** The libraries that blocks import, and the packed package, in a folder where nothing else is. */
async function install() {
  await step('libraries that the docs show', () => {
    mkdirSync(work, { recursive: true })
    return unlessDone('docs-npm', digest(['tests/docs/package-lock.json']), ['target/docs/node_modules/.bin/vue-tsc'], () => {
      for (const name of ['package.json', 'package-lock.json']) cpSync(join(project, name), join(work, name))
      return run('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'], { quiet: true, cwd: work })
    })
  })
  await stagePackage()
  const installed = join(work, 'node_modules/truecrop')
  for (const folder of [installed, join(work, 'blocks')]) rmSync(folder, { recursive: true, force: true })
  cpSync(packageFolder, installed, { recursive: true })
  mkdirSync(join(work, 'blocks'))
  for (const name of ['tsconfig.json', 'given.d.ts']) cpSync(join(project, name), join(work, name))
}

const tool = (name) => import(pathToFileURL(createRequire(join(work, 'package.json')).resolve(name)))

/** The compiler's lines are those of the page: the block begins where it begins there. */
function writeSource({ page, line, code }, language) {
  const name = `${page.replaceAll(/[/.]/g, '-')}-${line}.${language}`
  const isModule = ['vue', 'svelte'].includes(language) || /^\s*(import|export) /m.test(code)
  writeFileSync(join(work, 'blocks', name), `${'\n'.repeat(line)}${code}\n${isModule ? '' : 'export {}\n'}`)
}

async function compile() {
  await step('scripts, by vue-tsc', () => run(bin('vue-tsc'), ['-p', 'tsconfig.json'], { cwd: work, quiet: true }))
  await step('Svelte, by svelte-check', () =>
    run(bin('svelte-check'), ['--tsconfig', './tsconfig.json', '--output', 'human', '--fail-on-warnings'], {
      cwd: work,
      quiet: true,
    }),
  )
}

/** A block is one value, or one in each line. */
function parseJson(code) {
  try {
    JSON.parse(code)
  } catch (error) {
    if (!/\n/.test(code) || !code.split('\n').every((line) => line.startsWith('{'))) throw error
    for (const line of code.split('\n')) JSON.parse(line)
  }
}

/** The attributes of our elements, by the elements' names. */
function knownElements() {
  const { modules } = JSON.parse(read('custom-elements.json'))
  const declared = modules.flatMap(({ declarations }) => declarations).filter(({ tagName }) => tagName)
  return new Map(declared.map(({ tagName, attributes }) => [tagName, attributes.map(({ name }) => name)]))
}

/** What every element of HTML may have. */
const ON_ANY_ELEMENT = /^(id|class|lang|dir|title|slot|style|hidden|tabindex|aria-.+|data-.+)$/

function checkHtml(block, node, elements) {
  const { tagName, attrs = [], childNodes = [] } = node
  const known = elements.get(tagName)
  if (tagName?.includes('-') && !known) throw new Refusal(`there is no element <${tagName}>`)
  const strange = attrs.find(({ name }) => known && !known.includes(name) && !ON_ANY_ELEMENT.test(name))
  if (strange) throw new Refusal(`<${tagName}> has no attribute "${strange.name}"`)
  const src = attrs.find(({ name }) => name === 'src')?.value
  if (tagName === 'script' && src) checkScript(src)
  else if (tagName === 'script') writeSource({ ...block, code: scriptOf(block, node) }, 'js')
  childNodes.forEach((child) => checkHtml(block, child, elements))
}

/** The script's text, on the lines that it has in its block. */
function scriptOf({ code }, { childNodes }) {
  const text = childNodes[0]?.value ?? ''
  return '\n'.repeat(code.slice(0, code.indexOf(text)).split('\n').length - 1) + text
}

/** A script of ours, wherever a page has put the files of `dist`. */
function checkScript(src) {
  const [, file] = /truecrop\/(?:dist\/)?([\w/-]+\.js)$/.exec(src) ?? []
  if (!file || !existsSync(join(packageFolder, 'dist', file))) throw new Refusal(`the package has no script for ${src}`)
}

/** What a shell block may begin with. crates/truecrop-server/tests/docs_commands.rs runs the commands of `truecrop` and `curl`. */
const COMMANDS =
  /^(npm|node|npx|cargo|truecrop|curl|sudo|aws|moto_server|podman|sed|cp|zip|cd|mkdir|python3|sh|\(umask|function\/bootstrap|\.ci\/run|[A-Z_]+=\S+) ?/

function checkCommands(code) {
  const lines = code.replaceAll('\\\n', ' ').split('\n')
  for (const line of lines.map((text) => text.replace(/\s+#.*|^#.*/, '').trim()).filter(Boolean)) {
    if (!COMMANDS.test(line)) throw new Refusal(`is this a command? ${line}`)
    checkScripts(line)
  }
}

const manifest = () => JSON.parse(read('package.json'))
const stages = () => [...read('scripts/test.mjs').matchAll(/^  '?([\w-]+)'?: \{\n    title:/gm)].map(([, name]) => name)

/** `npm run` and `npm test` of a line: the script, and the stages, must exist. */
function checkScripts(text) {
  for (const [, script] of text.matchAll(/\bnpm run ([\w:-]+)/g)) {
    if (!manifest().scripts[script]) throw new Refusal(`there is no "npm run ${script}"`)
  }
  for (const [, names] of text.matchAll(/\bnpm test -- ([a-z][\w -]*)/g)) {
    const unknown = names
      .trim()
      .split(/\s+/)
      .filter((name) => !stages().includes(name))
    if (unknown.length > 0) throw new Refusal(`"npm test" has no stage ${unknown.join(', ')}`)
  }
}
