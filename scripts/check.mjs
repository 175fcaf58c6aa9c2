// npm run check: formatting, lints, documentation, types, unused dependencies, licences, and what must never be committed.
import { buildWasm, checkSizes } from './lib/build.mjs'
import { lintTree } from './lib/lint-tree.mjs'
import { checkLicences } from './lib/licences.mjs'
import { main, run, step } from './lib/run.mjs'
import { machete, promtool, setUp, toolsPath } from './lib/setup.mjs'

const WASM = ['--target', 'wasm32-unknown-unknown']
const clippy = (...args) => run('cargo', ['clippy', '--quiet', '--locked', ...args, '--', '-D', 'warnings'])

async function alertRules() {
  const tool = await promtool()
  await step('alert rules', async () => {
    if (!tool) return 'not checked: promtool is not here (Debian has it in "prometheus")'
    await run(tool, ['check', 'rules', 'ops/alerts.yml'], { quiet: true })
    await run(tool, ['test', 'rules', 'ops/alerts.test.yml'], { quiet: true })
  })
}

await main(async () => {
  await step('what is committed', lintTree)
  await setUp()
  await step('licences', checkLicences)
  await step('format of Rust', () => run('cargo', ['fmt', '--all', '--check']))
  await step('format of the rest', () => run('node_modules/.bin/prettier', ['--check', '--log-level', 'warn', '.']))
  await step('clippy', () => clippy('--workspace', '--all-targets'))
  await step('clippy for wasm', () => clippy('-p', 'truecrop', '--all-targets', ...WASM))
  await step('documentation', () =>
    run('cargo', ['doc', '--quiet', '--locked', '--workspace', '--no-deps'], { env: { RUSTDOCFLAGS: '-D warnings' } }),
  )
  await machete()
  await step('unused dependencies', () => run('cargo-machete', ['.'], { env: { PATH: toolsPath }, quiet: true }))
  await alertRules()
  await step('clippy for the small module', () => clippy('-p', 'truecrop', '--lib', '--no-default-features', ...WASM))
  await buildWasm()
  await step('budget of the wasm modules', checkSizes)
  await step('fuzzing: the laws over random changes', () =>
    run('cargo', ['test', '--quiet', '--locked', '-p', 'truecrop-core', '--test', 'laws'], {
      env: { TRUECROP_LAWS: '20' },
      quiet: true,
    }),
  )
  await step('TypeScript', () => run('node_modules/.bin/tsc', ['-p', 'tsconfig.json']))
})
