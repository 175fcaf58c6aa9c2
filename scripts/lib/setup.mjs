// What every script needs before anything can be built or tested: installed into this folder where possible.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, firstLineOf, root, run, step } from './run.mjs'
import { digest, unlessDone } from './build-cache.mjs'

const LEAST_RUST = [1, 95]
const LEAST_NODE = 20
const WASM_TARGET = 'wasm32-unknown-unknown'
const WASM_PACK = '0.15.1'
const MACHETE = '0.9.1'
const DENY = '0.20.2'

/** Our tools first: the system's wasm-opt or wasm-bindgen may be broken or of another version. */
export const toolsPath = [join(root, '.tools/bin'), join(root, 'node_modules/.bin'), process.env.PATH].join(':')

/** Rust, the wasm target and the npm packages. */
export async function setUp() {
  if (Number(process.versions.node.split('.')[0]) < LEAST_NODE) {
    throw new Refusal(`Node ${LEAST_NODE} or later is needed, this is ${process.version}.`)
  }
  await step('Rust with the wasm target', rust)
  await step('npm packages', () =>
    unlessDone('npm', digest(['package-lock.json']), ['node_modules/.bin/esbuild'], () =>
      run('npm', ['ci', '--no-audit', '--no-fund'], { quiet: true }),
    ),
  )
}

async function rust() {
  useStableIfSame()
  const version = firstLineOf('rustc', ['--version'])
  if (!version || !firstLineOf('cargo', ['--version']))
    throw new Refusal('Rust is needed: see https://rustup.rs, then run this again.')
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version) ?? []
  if (major * 1000 + Number(minor) < LEAST_RUST[0] * 1000 + LEAST_RUST[1]) {
    throw new Refusal(`Rust ${LEAST_RUST.join('.')} or later is needed, this is ${version}: run "rustup update".`)
  }
  await addTarget(WASM_TARGET)
}

/**
 * rust-toolchain.toml names an exact version. Where rustup may not install it, and its `stable` is that very version, use `stable`.
 * Tools and tests that are started from here inherit the choice.
 */
function useStableIfSame() {
  if (firstLineOf('rustc', ['--version'])) return
  const [, wanted] = /^channel = "([^"]+)"/m.exec(readFileSync(join(root, 'rust-toolchain.toml'), 'utf8'))
  const stable = firstLineOf('rustup', ['run', 'stable', 'rustc', '--version'])
  if (stable?.startsWith(`rustc ${wanted} `)) process.env.RUSTUP_TOOLCHAIN = 'stable'
}

/** Adds a Rust target with rustup, if it is missing. */
export async function addTarget(target) {
  if (existsSync(join(firstLineOf('rustc', ['--print', 'sysroot']), 'lib/rustlib', target))) return
  if (!firstLineOf('rustup', ['--version']))
    throw new Refusal(`The Rust target ${target} is missing, and there is no rustup to add it.`)
  await run('rustup', ['target', 'add', target], { quiet: true })
}

/** wasm-bindgen and its test runner, built from `tools/`; the version must be the one that the workspace uses. */
export async function wasmBindgen() {
  const [ours, theirs] = ['tools/Cargo.lock', 'Cargo.lock'].map(lockedWasmBindgen)
  if (ours !== theirs) {
    throw new Refusal(`tools/ has wasm-bindgen ${ours}, the workspace ${theirs}: bring tools/Cargo.toml to the same version.`)
  }
  await step(`wasm-bindgen ${ours}`, () =>
    unlessDone('wasm-bindgen', digest(['tools/Cargo.lock', 'tools/src']), ['.tools/bin/wasm-bindgen'], async () => {
      await run('cargo', [
        'install',
        '--quiet',
        '--locked',
        '--debug',
        '--force',
        '--path',
        'tools',
        '--root',
        '.tools',
        '--target-dir',
        'tools/target',
      ])
    }),
  )
}

function lockedWasmBindgen(file) {
  const found = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(readFileSync(join(root, file), 'utf8'))
  return found?.[1]
}

async function cargoTool(name, version) {
  await step(`${name} ${version}`, () =>
    unlessDone(name, digest([], version), [`.tools/bin/${name}`], () =>
      run(
        'cargo',
        [
          'install',
          '--quiet',
          '--locked',
          '--debug',
          '--root',
          '.tools',
          '--target-dir',
          '.tools/build',
          '--version',
          version,
          name,
        ],
        {
          env: { CARGO_PROFILE_DEV_DEBUG: '0' },
        },
      ),
    ),
  )
}

/** wasm-pack, which runs the wasm tests. */
export const wasmPack = () => cargoTool('wasm-pack', WASM_PACK)

/** cargo-machete, which finds unused dependencies. */
export const machete = () => cargoTool('cargo-machete', MACHETE)

/** cargo-deny, which checks licences, sources and advisories of dependencies. About 2.5 minutes of one core to build, once. */
export const deny = () => cargoTool('cargo-deny', DENY)

const mayInstall = () => process.getuid?.() === 0 && firstLineOf('apt-get', ['--version']) !== undefined

const apt = (...args) =>
  run('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], { quiet: true, env: { DEBIAN_FRONTEND: 'noninteractive' } })

const PROMTOOL = '.tools/prometheus/usr/bin/promtool'

/** promtool, which checks alert rules: the system's, or taken out of Debian's package, so that no service is installed. */
export async function promtool() {
  const own = join(root, PROMTOOL)
  const there = () => (existsSync(own) ? own : firstLineOf('which', ['promtool']))
  if (!there() && mayInstall()) {
    await step('promtool', async () => {
      await apt('update')
      mkdirSync(join(root, '.tools'), { recursive: true })
      await run('sh', ['-c', 'cd .tools && apt-get -q download prometheus && dpkg -x prometheus_*.deb prometheus'], {
        quiet: true,
      })
    })
  }
  return there()
}

/** Installs Debian packages if `there` finds nothing; without the rights to do so, refuses and names the packages. */
export async function packages(title, there, names) {
  await step(title, async () => {
    if (there()) return
    if (!mayInstall()) throw new Refusal(`${title} must be there: run "sudo apt-get install ${names.join(' ')}".`)
    await apt('update')
    await apt('install', '-y', '--no-install-recommends', ...names)
  })
}

/** Chromium and its driver, installed from Debian if they are missing. */
export const browser = () =>
  packages('Chromium and its driver', () => chromium() && firstLineOf('chromedriver', ['--version']), [
    'chromium',
    'chromium-driver',
  ])

/** The path of Chromium, if there is one. */
export function chromium() {
  return (
    process.env.CHROMIUM ??
    firstLineOf('which', ['chromium']) ??
    firstLineOf('which', ['chromium-browser']) ??
    firstLineOf('which', ['google-chrome'])
  )
}
