// npm run check: formatting, lints, documentation, types, licences, unused dependencies, sizes of the wasm modules (the budgets are in lib/build.mjs), and what must never be committed.
// `npm run check -- quick` is the part that takes seconds, for every commit: it builds nothing. `npm run check -- advisories` needs the network.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildWasm, buildWeb, checkSizes, checkSmallModule } from './lib/build.mjs'
import { checkDocsPaths } from './lib/docs-paths.mjs'
import { checkNpmDependencies, lintTree } from './lib/lint-tree.mjs'
import { Refusal, main, root, run, step } from './lib/run.mjs'
import { deny, machete, promtool, setUp, toolsPath } from './lib/setup.mjs'

const WASM = ['--target', 'wasm32-unknown-unknown']
const clippy = (...args) => run('cargo', ['clippy', '--quiet', '--locked', ...args, '--', '-D', 'warnings'])

async function quick() {
  await step('what is committed', lintTree)
  await step('paths that the pages name', checkDocsPaths)
  await step('npm dependencies', checkNpmDependencies)
  await setUp()
  await step('format of Rust', () => run('cargo', ['fmt', '--all', '--check']))
  await step('format of the rest', () => run('node_modules/.bin/prettier', ['--check', '--log-level', 'warn', '.']))
}

async function lints() {
  await step('clippy', () => clippy('--workspace', '--all-targets'))
  await step('clippy for wasm', () => clippy('-p', 'truecrop', '--all-targets', ...WASM))
  // Without tests, and with the lints of scripts/lints/clippy.toml: no clock, no printing, no functions whose result differs between targets.
  const modules = {
    '': [],
    ', the small one': ['--no-default-features'],
    ', that of HEIC': ['--no-default-features', '--features', 'heic,platform'],
    ', the one of servers': ['--features', 'all-formats,heic,platform'],
  }
  for (const [which, features] of Object.entries(modules)) {
    await step(`clippy for what the wasm modules hold${which}`, () =>
      run('cargo', ['clippy', '--quiet', '--locked', '-p', 'truecrop', '--lib', ...features, ...WASM, '--', '-D', 'warnings'], {
        env: { CLIPPY_CONF_DIR: 'scripts/lints' },
      }),
    )
  }
  await step('documentation', () =>
    run('cargo', ['doc', '--quiet', '--locked', '--workspace', '--no-deps'], { env: { RUSTDOCFLAGS: '-D warnings' } }),
  )
}

async function dependencies() {
  await machete()
  await step('unused dependencies', () => run('cargo-machete', ['.'], { env: { PATH: toolsPath }, quiet: true }))
  await deny()
  // Advisories need a database from the network: .github/workflows/ci.yml asks for them.
  await step('licences and sources of dependencies; not their advisories', () =>
    run('cargo-deny', ['--locked', 'check', 'licenses', 'bans', 'sources'], { env: { PATH: toolsPath }, quiet: true }),
  )
}

/** Alerts and dashboard ask for metrics that the server has. */
function operatorsMetrics() {
  const read = (path) => readFileSync(join(root, path), 'utf8')
  const names = /\b(?:truecrop|process)_\w+/g
  const sources = ['metrics', 'process'].map((name) => read(`crates/truecrop-server/src/${name}.rs`))
  const known = new Set(sources.join().match(names))
  for (const file of ['ops/alerts.yml', 'ops/grafana.json']) {
    for (const [name] of read(file).matchAll(names)) {
      if (!known.has(name.replace(/_(bucket|sum|count)$/, ''))) throw new Refusal(`${file}: the server has no metric ${name}.`)
    }
  }
}

async function alertRules() {
  const tool = await promtool()
  await step('alert rules', async () => {
    if (!tool) return 'not checked: promtool is not here (Debian has it in "prometheus")'
    await run(tool, ['check', 'rules', 'ops/alerts.yml'], { quiet: true })
    await run(tool, ['test', 'rules', 'ops/alerts.test.yml'], { quiet: true })
  })
}

async function whole() {
  await quick()
  await lints()
  await dependencies()
  await step('metrics of alerts and dashboard', operatorsMetrics)
  await alertRules()
  await buildWasm()
  await step('budget of the wasm modules', checkSizes)
  await step('what the small module must not hold', checkSmallModule)
  await step('fuzzing: the laws over random changes', () =>
    run('cargo', ['test', '--quiet', '--locked', '-p', 'truecrop-core', '--test', 'laws'], {
      env: { TRUECROP_LAWS: '20' },
      quiet: true,
    }),
  )
  // Tests import what is built, with its types.
  await buildWeb()
  await step('TypeScript', () => run('node_modules/.bin/tsc', ['-p', 'tsconfig.json']))
}

/** Known weaknesses of dependencies. By itself, because it needs a database from the network, and changes without a change here. */
async function advisories() {
  await setUp()
  await deny()
  await step('advisories', () => run('cargo-deny', ['--locked', 'check', 'advisories'], { env: { PATH: toolsPath } }))
}

const parts = { quick, advisories }

await main(async () => {
  const words = process.argv.slice(2)
  const unknown = words.filter((word) => !Object.hasOwn(parts, word))
  if (unknown.length > 0) {
    const known = Object.keys(parts).join(', ')
    throw new Refusal(`Unknown: ${unknown.join(', ')}. "npm run check" checks everything but advisories; its parts are ${known}.`)
  }
  if (words.length === 0) return whole()
  for (const word of words) await parts[word]()
})
