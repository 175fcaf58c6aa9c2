// Packs what would be published, installs it into bare projects outside of this folder, and crops a picture with each.
import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyPictures, runConsumers, tableOf } from './consumers.mjs'
import { packageFolder, stagePackage } from './npm-package.mjs'
import { packCrates } from './release/crates.mjs'
import { Refusal, root, run } from './run.mjs'

const manifest = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const consumers = join(root, 'tests/consumers')

/** The npm package and the crates, each from its packed file, as somebody has them who knows only the package. */
export async function packagesWork() {
  await inFolder(async (folder) => {
    const { tarball, digests } = await npmPackage(folder)
    await crates(folder)
    compareResults(folder)
    await runConsumers(tarball, digests, { quick: true })
  })
}

/** The npm package in every consumer there is; prints the table that docs/PACKAGE.md shows. `CONSUMERS=next,parcel` runs these only. */
export async function consumersWork() {
  await inFolder(async (folder) => {
    const { tarball, digests } = await npmPackage(folder)
    const only = process.env.CONSUMERS?.split(',')
    const table = tableOf(await runConsumers(tarball, digests, { only }))
    process.stdout.write(`\n${table}\n`)
    if (!only) compareWithDocs(table)
  })
}

/** Refuses a table that the docs do not show; sizes may differ. `TRUECROP_BLESS=1` writes it there. */
function compareWithDocs(table) {
  const path = join(root, 'docs/PACKAGE.md')
  const text = readFileSync(path, 'utf8')
  const [start, end] = ['<!-- consumers -->\n', '\n<!-- /consumers -->']
  const [before, rest] = text.split(start)
  const [shown, after] = rest.split(end)
  if (process.env.TRUECROP_BLESS) return writeFileSync(path, `${before}${start}${table}${end}${after}`)
  const withoutSizes = (lines) => lines.replaceAll(/\d+ KB/g, 'KB')
  if (withoutSizes(shown) !== withoutSizes(table)) {
    throw new Refusal('docs/PACKAGE.md shows another table: run it with TRUECROP_BLESS=1, and look at the difference.')
  }
}

async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'truecrop-packages-'))
  try {
    copyPictures(folder)
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The packed package, and the digests of the pictures that it makes in Node. */
async function npmPackage(folder) {
  await stagePackage()
  const [packed] = JSON.parse(
    await run('npm', ['pack', '--json', '--silent', '--pack-destination', folder, packageFolder], { quiet: true }),
  )
  const tarball = join(folder, packed.filename)
  const project = join(folder, 'npm')
  cpSync(join(consumers, 'npm'), project, { recursive: true })
  const inProject = { quiet: true, cwd: project }
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], inProject)
  const missing = promisedFiles().filter((file) => !existsSync(join(project, 'node_modules/truecrop', file)))
  if (missing.length > 0) throw new Refusal(`package.json names files that the npm package does not have: ${missing.join(', ')}.`)
  await run(process.execPath, ['crop.js', folder], inProject)
  await run(process.execPath, ['require.cjs', folder], inProject)
  // By the field `exports`, and as resolvers without it find the entries.
  for (const config of ['tsconfig.json', 'tsconfig.node10.json']) {
    await run(join(root, 'node_modules/.bin/tsc'), ['-p', config], inProject)
  }
  await keepsWhatMatters(project)
  process.stdout.write(`  npm package: ${packed.entryCount} files, ${packed.size} bytes; installed, its types fit, it crops\n`)
  return { tarball, digests: JSON.parse(readFileSync(join(folder, 'digests.json'), 'utf8')) }
}

/** What a bundler keeps of an import: what an import is for must stay, and what nobody uses may not. */
const KEPT = [
  ["import 'truecrop/worker'", /postMessage/, true],
  ["import 'truecrop/element/define'", /customElements\.define/, true],
  ["import 'truecrop/inline'", /./, true],
  ["import { openPhoto } from 'truecrop'; openPhoto()", /customElements/, false],
  ["import { Session } from 'truecrop/core'", /customElements/, false],
]

async function keepsWhatMatters(project) {
  const { build } = await import('esbuild')
  for (const [contents, pattern, wanted] of KEPT) {
    const common = {
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
      external: ['worker', 'jpeg', 'full', 'all', 'heic'].map((name) => `*/inline/data/${name}.js`),
      logLevel: 'error',
    }
    const { outputFiles } = await build({ ...common, stdin: { contents, resolveDir: project } })
    if (pattern.test(outputFiles[0].text.trim()) !== wanted) {
      throw new Refusal(`A bundler ${wanted ? 'drops what this is for' : 'keeps too much of this'}: ${contents}`)
    }
  }
}

/** Every file that package.json promises. */
function promisedFiles() {
  const { exports, customElements, files } = manifest()
  const paths = (value) => (typeof value === 'string' ? [value] : Object.values(value).flatMap(paths))
  return [...paths(exports), customElements, ...files.filter((file) => !file.startsWith('!')), 'README.md'].filter(Boolean)
}

async function crates(folder) {
  await packCrates()
  await cropWithCrate(folder, `truecrop-core-${manifest().version}`)
}

async function cropWithCrate(folder, name) {
  const project = join(folder, 'cargo')
  cpSync(join(consumers, 'cargo'), project, { recursive: true })
  await run('tar', ['-xzf', join(root, `target/packages/package/${name}.crate`), '-C', project], { quiet: true })
  cpSync(join(project, name), join(project, 'truecrop-core'), { recursive: true })
  // The versions that are tested here; they are also those that a machine without a network has.
  copyFileSync(join(root, 'Cargo.lock'), join(project, 'Cargo.lock'))
  const offline = ['run', '--quiet', '--offline', '--target-dir', join(root, 'target/packages')]
  await run('cargo', [...offline, '--', folder], { quiet: true, cwd: project })
  process.stdout.write(`  crate ${name}: built by a bare project, it crops\n`)
}

/** The packages are the same engine: same bytes, same receipts. */
function compareResults(folder) {
  const read = (kind, from) => readFileSync(join(folder, kind.replace('*', from)))
  for (const kind of ['output.*.jpg', 'receipt.*.json']) {
    const wanted = read(kind, 'npm')
    if (wanted.length < 500) throw new Refusal(`${kind} is nearly empty.`)
    for (const from of ['small', 'cargo']) {
      if (!read(kind, from).equals(wanted)) throw new Refusal(`${kind} of ${from} is not the one of the npm package.`)
    }
  }
}
