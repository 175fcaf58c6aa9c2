// The order of a release's rehearsal. A check that fails does not hide the ones after it: all that stands in the way is said at the end.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildServer, buildWasm, buildWeb, checkSizes, checkSmallModule, smoke } from '../build.mjs'
import { checkNpmDependencies } from '../lint-tree.mjs'
import { Refusal, root, run, step } from '../run.mjs'
import { deny, setUp, toolsPath } from '../setup.mjs'
import { packCrates, publishCratesDry } from './crates.mjs'
import { changelogSays, checkVersions, notYet } from './versions.mjs'
import { checkSizesOfPages, checkTypes, lintPackage, npmPublishDry, packNpm, provenanceReady } from './npm.mjs'
import { writeSboms } from './sbom.mjs'

/** What a release would upload, and the bills of materials beside it. */
const files = join(root, 'target/release-files')

/** Each in turn; the ones that `need` what could not be made are left out. */
const CHECKS = [
  ['one version everywhere', checkVersions],
  ['changelog', changelogSays],
  ['licences: the npm package has no dependencies', checkNpmDependencies],
  ['licences and sources of the crates', licences],
  ['npm: packed', () => packNpm(files)],
  ['npm: publint, strict', () => lintPackage(files)],
  ['npm: types, by arethetypeswrong', () => checkTypes(files)],
  ['npm: sizes of the wasm modules', sizes],
  ['npm: sizes of what pages load', checkSizesOfPages],
  ['npm: provenance', provenanceReady],
  ['npm: publish, dry', () => npmPublishDry(files)],
  ['crates: packed', packCrates],
  ['crates: publish, dry', publishCratesDry],
  ['bills of materials', () => writeSboms(files)],
]

/** @throws Refusal with everything that stands in the way of a release */
export async function rehearse() {
  const before = await tree()
  rmSync(files, { recursive: true, force: true })
  mkdirSync(files, { recursive: true })
  await build()
  const faults = []
  for (const [title, check] of CHECKS) {
    try {
      await step(title, check)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      process.stdout.write(`  NOT RIGHT: ${error.message}\n`)
      faults.push(`${title}: ${error.message}`)
    }
  }
  if ((await tree()) !== before) faults.push('The rehearsal has changed files that git knows: see `git status`.')
  if (faults.length > 0) throw new Refusal(`This stands in the way of a release:\n- ${faults.join('\n- ')}`)
  process.stdout.write(
    `\nAll is ready to be published; nothing was. What would be uploaded is in ${files.slice(root.length)} and target/packages/package.\n`,
  )
  for (const line of await notYet()) process.stdout.write(`Before you publish: ${line}\n`)
}

async function build() {
  await setUp()
  await deny()
  await buildWasm()
  await buildWeb()
  await buildServer()
  await step('the built modules load', smoke)
}

const tree = () => run('git', ['status', '--porcelain=v1'], { quiet: true })

async function licences() {
  await run('cargo-deny', ['--locked', 'check', 'licenses', 'bans', 'sources'], { env: { PATH: toolsPath }, quiet: true })
  return 'permissive ones alone'
}

function sizes() {
  checkSizes()
  checkSmallModule()
}
