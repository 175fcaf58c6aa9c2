// Builds the wasm modules and the server; build-web.mjs builds the browser's files.
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { Refusal, firstLineOf, root, run, step } from './run.mjs'
import { toolsPath, wasmBindgen } from './setup.mjs'
import { digest, unlessDone } from './build-cache.mjs'

export { buildWeb } from './build-web.mjs'

const WASM_OPT = 132
/** Inlines only the smallest functions: the compiler has already inlined those that matter for speed. */
const OPTIMISE = ['-O3', '-aimfs', '0', '-fimfs', '2', '-ocimfs', '0']

/**
 * The same crate four times: with the web's formats, with JPEG alone, with the rare formats, HEIC and the checks of servers too, and with JPEG and HEIC. The profiles are in Cargo.toml.
 * `most` is the budget in bytes of brotli, a little above what each has (the goals are 220 KiB and 64 KiB; tables of colour profiles and edges of JPEGs took what was left;
 * gain maps take 14 KB of the two larger ones).
 */
const MODULES = [
  { name: 'truecrop', profile: 'wasm', features: [], most: 246 * 1024 },
  { name: 'truecrop_jpeg', profile: 'wasm-jpeg', features: ['--no-default-features'], most: 113 * 1024 },
  { name: 'truecrop_all', profile: 'wasm-all', features: ['--features', 'all-formats,heic,platform'], most: 454 * 1024 },
  {
    name: 'truecrop_heic',
    profile: 'wasm-heic',
    features: ['--no-default-features', '--features', 'heic,platform'],
    most: 190 * 1024,
  },
]
const compiled = ({ profile }) => `target/wasm32-unknown-unknown/${profile}/truecrop.wasm`
const shipped = ({ name }) => `dist/wasm/${name}_bg.wasm`

/** Writes dist/wasm: the modules, each with its JavaScript glue. */
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

/** Panics name their source file: this removes the build machine's folders from these names. */
function noPaths() {
  const home = process.env.CARGO_HOME ?? join(homedir(), '.cargo')
  const flags = [`${home}/registry/src=`, `${root}=`].map((from) => `--remap-path-prefix=${from}`)
  return ['--config', `target.wasm32-unknown-unknown.rustflags=${JSON.stringify(flags)}`]
}

async function shipWasm(module) {
  const env = { PATH: toolsPath }
  const optimiser = join(root, 'node_modules/.bin/wasm-opt')
  // Debian's wasm-opt 108 exits 0 and writes modules that do not load.
  const version = firstLineOf(optimiser, ['--version'])
  if (!version?.includes(`version ${WASM_OPT}`))
    throw new Refusal(`wasm-opt ${WASM_OPT} is needed (npm package binaryen), this is ${version}.`)
  const naming = ['--out-dir', 'dist/wasm', '--out-name', module.name]
  await run('wasm-bindgen', [compiled(module), '--target', 'web', ...naming], { env })
  const made = shipped(module)
  await run(optimiser, [made, '-o', `${made}.opt`, ...OPTIMISE], { env })
  cpSync(join(root, `${made}.opt`), join(root, made))
  rmSync(join(root, `${made}.opt`))
}

/** Size after the strongest brotli, as servers send files that were compressed in advance. */
export function brotliBytes(path) {
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

/** Refuses modules that are larger than their budget. */
export function checkSizes() {
  const { text, over } = measured()
  if (over) throw new Refusal(`A wasm module is too large: ${text}.`)
}

/** Text of floating-point numbers, and text with escapes: the standard library's code for these is large, and brings tables. */
const NOT_IN_THE_SMALL_MODULE = /\w*(?:3fmt5float|7flt2dec|9printable|16escape_debug_ext|15grapheme_extend)\w*/

/** Refuses a small module that holds what docs/MODULES.md (*What keeps the small module small*) keeps out of it. The compiled module still has names. */
export function checkSmallModule() {
  const path = compiled(MODULES[1])
  const module = new WebAssembly.Module(readFileSync(join(root, path)))
  const [names] = WebAssembly.Module.customSections(module, 'name')
  if (!names) throw new Refusal(`${path} has no names of its functions.`)
  const [found] = NOT_IN_THE_SMALL_MODULE.exec(Buffer.from(names).toString('latin1')) ?? []
  if (found) {
    throw new Refusal(
      `The small module holds ${found}: somewhere "{}" of an f64, "{:?}" of a text, or f64::clamp with computed bounds is used.`,
    )
  }
}

/** Builds target/release/truecrop. */
export async function buildServer() {
  await step('server', () => run('cargo', ['build', '--quiet', '--locked', '--release', '-p', 'truecrop-server']))
}

/** Loads the built modules and calls each once: a broken wasm-opt writes modules that do not load. */
export async function smoke() {
  for (const module of MODULES) {
    const glue = await import(join(root, `dist/wasm/${module.name}.js`))
    glue.initSync({ module: readFileSync(join(root, shipped(module))) })
    if (!glue.engineVersion()) throw new Refusal(`The built wasm module ${module.name} gives no engine version.`)
  }
}
