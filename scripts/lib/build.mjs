// Building: the wasm module, the browser's files, the server.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, ask, root, run, step } from './run.mjs'
import { toolsPath, wasmBindgen } from './setup.mjs'
import { digest, unlessDone } from './stamp.mjs'

const WASM = 'target/wasm32-unknown-unknown/release/truecrop.wasm'
const WASM_OPT = 132

/** dist/wasm: the module and its glue. */
export async function buildWasm() {
  await wasmBindgen()
  await step('wasm module', async () => {
    await run('cargo', [
      'build',
      '--quiet',
      '--locked',
      '--release',
      '--lib',
      '-p',
      'truecrop',
      '--target',
      'wasm32-unknown-unknown',
    ])
    return unlessDone('wasm', digest([WASM, 'tools/Cargo.lock'], WASM_OPT), ['dist/wasm/truecrop_bg.wasm'], shipWasm)
  })
}

async function shipWasm() {
  const env = { PATH: toolsPath }
  const optimiser = join(root, 'node_modules/.bin/wasm-opt')
  // Debian's wasm-opt 108 exits 0 and writes modules that do not load.
  const version = ask(optimiser, ['--version'])
  if (!version?.includes(`version ${WASM_OPT}`))
    throw new Refusal(`wasm-opt ${WASM_OPT} is needed (npm package binaryen), this is ${version}.`)
  rmSync(join(root, 'dist/wasm'), { recursive: true, force: true })
  await run('wasm-bindgen', [WASM, '--out-dir', 'dist/wasm', '--target', 'web'], { env })
  const made = 'dist/wasm/truecrop_bg.wasm'
  await run(optimiser, [made, '-o', `${made}.opt`, '-O3'], { env })
  cpSync(join(root, `${made}.opt`), join(root, made))
  rmSync(join(root, `${made}.opt`))
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
  await build({ ...common, entryPoints: library, external: ['*/wasm/truecrop.js'] })
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

/** A figure for people: how large the module is. */
export function wasmSize() {
  const file = join(root, 'dist/wasm/truecrop_bg.wasm')
  return existsSync(file) ? `${(statSync(file).size / 1024).toFixed(0)} KiB` : 'not built'
}

/** Whether the built module can be loaded and answers. */
export async function smoke() {
  const glue = await import(join(root, 'dist/wasm/truecrop.js'))
  glue.initSync({ module: readFileSync(join(root, 'dist/wasm/truecrop_bg.wasm')) })
  if (!glue.engineVersion()) throw new Refusal('The built wasm module does not answer.')
}
