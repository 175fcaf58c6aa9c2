// The goldens on two more targets: wasm without SIMD128, and aarch64.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compare } from '../../tests/goldens/run.js'
import { compareWithGoldens } from './browsers.mjs'
import { Refusal, firstLineOf, root, run } from './run.mjs'
import { addTarget, packages, toolsPath } from './setup.mjs'

const json = (name) => JSON.parse(readFileSync(join(root, 'tests/goldens', name), 'utf8'))

/** Every golden in Node, with a module that is built without SIMD128. */
export async function goldensInScalarWasm() {
  const target = 'wasm32-unknown-unknown'
  const lib = ['--lib', '-p', 'truecrop', '--target', target, '--profile', 'wasm', '--features', 'all-formats,heic']
  const env = { PATH: toolsPath, RUSTFLAGS: '-C target-feature=-simd128' }
  await run('cargo', ['build', '--quiet', '--locked', '--target-dir', 'target/scalar', ...lib], { env })
  const built = `target/scalar/${target}/wasm/truecrop.wasm`
  if (hasSimd(built)) throw new Refusal('The module was built with SIMD128.')
  const out = 'target/scalar/glue'
  await run('wasm-bindgen', [built, '--target', 'web', '--out-dir', out], { env })
  const glue = await import(join(root, out, 'truecrop.js'))
  glue.initSync({ module: readFileSync(join(root, out, 'truecrop_bg.wasm')) })
  const open = (source) => glue.Session.fromBytes(new Uint8Array(readFileSync(join(root, 'tests/fixtures', source))), undefined)
  const result = await compare(open, json('goldens.json'), json('recipes.json'), glue.pixelsVersion())
  compareWithGoldens('wasm without SIMD128', result)
  process.stdout.write(`  ${result.count} results in Node\n`)
}

/** Whether the linker recorded SIMD128 among the module's features. */
function hasSimd(path) {
  const module = new WebAssembly.Module(readFileSync(join(root, path)))
  const [features] = WebAssembly.Module.customSections(module, 'target_features')
  if (!features) throw new Refusal(`${path} has no list of its features.`)
  return Buffer.from(features).includes('simd128')
}

const AARCH64 = 'aarch64-unknown-linux-gnu'

/** A linker and an emulator for aarch64, installed from Debian if they are missing. */
export async function aarch64() {
  const there = () => firstLineOf('which', ['aarch64-linux-gnu-gcc']) && firstLineOf('which', ['qemu-aarch64-static'])
  await packages('aarch64: linker and emulator', there, ['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross', 'qemu-user-static'])
  await addTarget(AARCH64)
}

/** The kernels' own tests, and every fifth golden, with NEON. */
export async function goldensWithNeon() {
  const name = AARCH64.toUpperCase().replaceAll('-', '_')
  const env = {
    [`CARGO_TARGET_${name}_LINKER`]: 'aarch64-linux-gnu-gcc',
    [`CARGO_TARGET_${name}_RUNNER`]: 'qemu-aarch64-static -L /usr/aarch64-linux-gnu',
    TRUECROP_STRIDE: process.env.TRUECROP_STRIDE ?? '5',
  }
  const core = ['test', '--locked', '-p', 'truecrop-core', '--features', 'heic', '--target', AARCH64]
  const kernels = ['simd::', 'resample::convolve', 'decode::jpeg::idct', 'decode::jpeg::color', 'decode::jpeg::upsample']
  await run('cargo', [...core, '--lib', '--', ...kernels], { env })
  await run('cargo', [...core, '--test', 'goldens', '--', '--nocapture'], { env })
}
