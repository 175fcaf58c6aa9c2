// Building: the wasm modules, the browser's files, the server.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { Refusal, ask, root, run, step } from './run.mjs'
import { toolsPath, wasmBindgen } from './setup.mjs'
import { digest, unlessDone } from './stamp.mjs'

const WASM_OPT = 132
/** It inlines but the smallest functions, as the compiler has inlined what pays. */
const OPTIMISE = ['-O3', '-aimfs', '0', '-fimfs', '2', '-ocimfs', '0']

/**
 * The same crate twice: all of it, and what a JPEG needs. Profiles stand in Cargo.toml; `most` is the size in bytes of
 * brotli that a change must not pass: where each stands. Wanted were 220 KiB for every format and 64 KiB for a JPEG.
 */
const MODULES = [
  { name: 'truecrop', profile: 'wasm', features: [], most: 204 * 1024 },
  { name: 'truecrop_jpeg', profile: 'wasm-jpeg', features: ['--no-default-features'], most: 104 * 1024 },
]
const compiled = ({ profile }) => `target/wasm32-unknown-unknown/${profile}/truecrop.wasm`
const shipped = ({ name }) => `dist/wasm/${name}_bg.wasm`

/** dist/wasm: both modules, each with its glue. */
export async function buildWasm() {
  await wasmBindgen()
  for (const module of MODULES) {
    await step(`wasm module ${module.name}`, async () => {
      const lib = ['--lib', '-p', 'truecrop', '--target', 'wasm32-unknown-unknown']
      await run('cargo', ['build', '--quiet', '--locked', '--profile', module.profile, ...lib, ...module.features, ...noPaths()])
      const made = digest([compiled(module), 'tools/Cargo.lock'], WASM_OPT, OPTIMISE)
      return unlessDone(module.name, made, [shipped(module)], () => shipWasm(module))
    })
  }
  await step('size of the wasm modules', () => measured().text)
}

/** Panics name their source file: without where it lay on the machine that built it. */
function noPaths() {
  const home = process.env.CARGO_HOME ?? join(homedir(), '.cargo')
  const flags = [`${home}/registry/src=`, `${root}=`].map((from) => `--remap-path-prefix=${from}`)
  return ['--config', `target.wasm32-unknown-unknown.rustflags=${JSON.stringify(flags)}`]
}

async function shipWasm(module) {
  const env = { PATH: toolsPath }
  const optimiser = join(root, 'node_modules/.bin/wasm-opt')
  // Debian's wasm-opt 108 exits 0 and writes modules that do not load.
  const version = ask(optimiser, ['--version'])
  if (!version?.includes(`version ${WASM_OPT}`))
    throw new Refusal(`wasm-opt ${WASM_OPT} is needed (npm package binaryen), this is ${version}.`)
  const naming = ['--out-dir', 'dist/wasm', '--out-name', module.name]
  await run('wasm-bindgen', [compiled(module), '--target', 'web', ...naming], { env })
  const made = shipped(module)
  await run(optimiser, [made, '-o', `${made}.opt`, ...OPTIMISE], { env })
  cpSync(join(root, `${made}.opt`), join(root, made))
  rmSync(join(root, `${made}.opt`))
}

/** Bytes of brotli at its strongest, as servers with files compressed ahead send them. */
function brotliBytes(path) {
  const bytes = readFileSync(join(root, path))
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  }
  return brotliCompressSync(bytes, { params }).length
}

function measured() {
  const sizes = MODULES.map((module) => ({ ...module, bytes: brotliBytes(shipped(module)) }))
  const text = sizes.map(({ name, bytes, most }) => `${name} ${bytes} of ${most} bytes of brotli`).join(', ')
  return { text, over: sizes.some(({ bytes, most }) => bytes > most) }
}

/** Refuses modules that pass their budget. */
export function checkSizes() {
  const { text, over } = measured()
  if (over) throw new Refusal(`A wasm module is too large: ${text}.`)
}

/** dist: the element, the client, the worker and the demo. */
export async function buildWeb() {
  await step('browser files', () =>
    unlessDone('web', digest(['www', 'tsconfig.json', 'package-lock.json']), ['dist/element.js', 'dist/demo/index.html'], web),
  )
}

async function web() {
  const { build } = await import('esbuild')
  const common = {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    outdir: 'dist',
    sourcemap: true,
    logLevel: 'warning',
  }
  const library = {
    worker: 'www/worker/worker.ts',
    index: 'www/client/index.ts',
    element: 'www/element/define.ts',
    'true-crop': 'www/element/true-crop.ts',
  }
  await build({ ...common, entryPoints: library, external: ['*/wasm/truecrop.js', '*/wasm/truecrop_jpeg.js'] })
  await build({ ...common, entryPoints: { 'demo/demo': 'www/demo/demo.ts' }, external: ['*/element.js'] })
  mkdirSync(join(root, 'dist/demo'), { recursive: true })
  for (const name of readdirSync(join(root, 'www/demo'))) {
    if (/\.(html|css|jpg|png|svg|ico)$/.test(name)) cpSync(join(root, 'www/demo', name), join(root, 'dist/demo', name))
  }
  await run('node_modules/.bin/tsc', ['-p', 'tsconfig.types.json'], { quiet: true })
}

/** target/release/truecrop. */
export async function buildServer() {
  await step('server', () => run('cargo', ['build', '--quiet', '--locked', '--release', '-p', 'truecrop-server']))
}

/** Whether the built modules can be loaded and answer. */
export async function smoke() {
  for (const module of MODULES) {
    const glue = await import(join(root, `dist/wasm/${module.name}.js`))
    glue.initSync({ module: readFileSync(join(root, shipped(module))) })
    if (!glue.engineVersion()) throw new Refusal(`The built wasm module ${module.name} does not answer.`)
  }
}
