// The consumers of the npm package that are built and run, each with the versions that were seen to work.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the pages crop. */
export const PICTURES = { 'photo.jpg': 'coffee.jpg', 'photo.png': 'cat-alpha.png', 'photo.heic': 'heic/grid.heic' }

/** A page without a bundler: an import map says where the package is. */
function withImportMap(out, at) {
  const names = { truecrop: 'index', 'truecrop/core': 'core', 'truecrop/element/define': 'element' }
  const imports = Object.fromEntries(Object.entries(names).map(([name, file]) => [name, `${at}dist/${file}.js`]))
  const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`
  const page = join(out, 'index.html')
  writeFileSync(page, readFileSync(page, 'utf8').replace('<link', `${map}<link`))
}

const publicPictures = (project, { mkdirSync }) => {
  mkdirSync(join(project, 'public'), { recursive: true })
  for (const name of Object.keys(PICTURES)) cpSync(join(project, name), join(project, 'public', name))
}

const vite = (version) => ({ tools: { vite: version }, prepare: publicPictures })
const viteBuild = ['vite', 'build', '--outDir', 'out']
const viteDev = (port) => ['vite', '--port', String(port), '--strictPort', '--host', '127.0.0.1']

const NEXT = {
  tools: { next: '16.4.6', react: '19.2.0', 'react-dom': '19.2.0' },
  files: ['next/app', 'app.js'],
  // A page of the server alone, where only the element's entry brings it to the browser.
  defines: 'server',
  prepare(project, tools) {
    publicPictures(project, tools)
    cpSync(join(project, 'app.js'), join(project, 'app/app.js'))
  },
}
const nextStart = (port) => ['next', 'start', '-p', String(port), '-H', '127.0.0.1']
const nextDev = (port) => ['next', 'dev', '-p', String(port), '-H', '127.0.0.1']

/** The pages of the older router of Next. */
const NEXT_PAGES = {
  tools: NEXT.tools,
  files: ['next-pages/pages', 'app.js'],
  prepare: publicPictures,
}

const inFolder = (folder, ...names) => ['app.js', ...names.map((name) => `${folder}/${name}`)]

const SVELTEKIT = {
  tools: { '@sveltejs/kit': '2.70.4', '@sveltejs/vite-plugin-svelte': '6.2.3', svelte: '5.57.3', vite: '7.3.8' },
  files: inFolder('sveltekit', 'src', 'vite.config.mjs', 'svelte.config.js'),
  prepare(project) {
    for (const name of Object.keys(PICTURES)) cpSync(join(project, name), join(project, 'static', name))
    cpSync(join(project, 'app.js'), join(project, 'src/lib/app.js'))
  },
}

const NUXT = {
  // The last version that Node 20 can run.
  tools: { nuxt: '4.2.0', vue: '3.5.45' },
  files: inFolder('nuxt', 'app', 'nuxt.config.mjs'),
  prepare(project, tools) {
    publicPictures(project, tools)
    cpSync(join(project, 'app.js'), join(project, 'app/lib/app.js'))
  },
}

const ASTRO = {
  tools: { astro: '5.9.4' },
  files: inFolder('astro', 'src', 'astro.config.mjs'),
  env: { ASTRO_TELEMETRY_DISABLED: '1' },
  prepare(project, tools) {
    publicPictures(project, tools)
    cpSync(join(project, 'app.js'), join(project, 'src/app.js'))
  },
}

const angular = (cli, build, core, typescript) => ({
  tools: {
    '@angular/cli': cli,
    '@angular/build': build,
    ...Object.fromEntries(
      ['common', 'compiler', 'compiler-cli', 'core', 'platform-browser'].map((name) => [`@angular/${name}`, core]),
    ),
    rxjs: '7.8.2',
    tslib: '2.8.1',
    typescript,
  },
  files: ['app.js', ...['main.ts', 'index.html', 'angular.json', 'tsconfig.json'].map((name) => `angular/${name}`)],
  build: [['ng', 'build']],
})

const rollup = (config) => ({
  tools: { rollup: '4.68.8', '@rollup/plugin-node-resolve': '16.0.3' },
  files: ['app.js', 'main.js', 'index.html', config],
  build: [['rollup', '-c', config]],
})

const ESBUILD = ['esbuild', 'main.js', '--bundle', '--format=esm', '--log-level=warning']

/** A strict policy, for a worker that comes from a `Blob`. */
const STRICT =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self'; img-src 'self' blob: data:"

/** A policy that trusts scripts by a nonce, and whatever they load. */
const NONCE = 'a-nonce-of-this-answer'
const STRICT_DYNAMIC = `script-src 'nonce-${NONCE}' 'strict-dynamic' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'`

function withNonce(out) {
  const page = join(out, 'index.html')
  writeFileSync(page, readFileSync(page, 'utf8').replaceAll(/<(script|link rel="modulepreload")/g, `<$1 nonce="${NONCE}"`))
}

/** `quick` ones need nothing but the repository's own tools, and belong to every test run. */
export const CONSUMERS = [
  {
    name: 'plain',
    title: 'a plain page',
    quick: true,
    out: '.',
    prepareOut: (out) => withImportMap(out, './node_modules/truecrop/'),
  },
  { name: 'cdn', title: 'a CDN', quick: true, cdn: true, out: '.', prepareOut: (out, { cdn }) => withImportMap(out, cdn) },
  {
    name: 'esbuild',
    title: 'esbuild, `--splitting`',
    quick: true,
    csp: STRICT,
    build: [[...ESBUILD, '--splitting', '--outdir=out']],
  },
  { name: 'esbuild-one', title: 'esbuild, one file', build: [[...ESBUILD, '--outdir=out']] },
  { name: 'vite8', title: 'Vite 8, build', quick: true, prepare: publicPictures, build: [viteBuild] },
  {
    name: 'vite8-sub',
    title: 'Vite 8, `base: "/sub/"`',
    prepare: publicPictures,
    path: 'sub/',
    build: [['vite', 'build', '--outDir', 'out/sub', '--base', '/sub/']],
  },
  {
    name: 'vite8-csp',
    title: "Vite 8, policy with `'strict-dynamic'`",
    prepare: publicPictures,
    csp: STRICT_DYNAMIC,
    prepareOut: withNonce,
    build: [viteBuild],
  },
  { name: 'vite8-dev', title: 'Vite 8, dev', prepare: publicPictures, serve: viteDev },
  { name: 'vite7', title: 'Vite 7, build', ...vite('7.3.8'), build: [viteBuild] },
  { name: 'vite7-dev', title: 'Vite 7, dev', ...vite('7.3.8'), serve: viteDev },
  { name: 'vite6', title: 'Vite 6, build', ...vite('6.4.6'), build: [viteBuild] },
  { name: 'vite6-dev', title: 'Vite 6, dev', ...vite('6.4.6'), serve: viteDev },
  {
    name: 'webpack',
    title: 'webpack 5',
    tools: { webpack: '5.113.0', 'webpack-cli': '6.0.1' },
    files: ['app.js', 'main.js', 'index.html', 'webpack.config.cjs'],
    build: [['webpack']],
  },
  {
    name: 'webpack-sub',
    title: 'webpack 5, below a path',
    tools: { webpack: '5.113.0', 'webpack-cli': '6.0.1' },
    files: ['app.js', 'main.js', 'index.html', 'webpack.config.cjs'],
    path: 'sub/',
    build: [['webpack', '--output-path', 'out/sub']],
  },
  {
    name: 'rspack',
    title: 'Rspack 2',
    tools: { '@rspack/core': '2.3.3', '@rspack/cli': '2.2.8' },
    files: ['app.js', 'main.js', 'index.html', 'rspack.config.cjs'],
    build: [['rspack', 'build']],
  },
  { name: 'rollup', title: 'Rollup 4', ...rollup('rollup.config.mjs') },
  {
    name: 'rollup-iife',
    title: 'Rollup 4, `iife`',
    setting: '`output.inlineDynamicImports: true`',
    ...rollup('rollup.iife.config.mjs'),
  },
  {
    name: 'parcel',
    title: 'Parcel 2',
    tools: { parcel: '2.16.4' },
    build: [['parcel', 'build', 'index.html', '--dist-dir', 'out', '--no-cache']],
  },
  { name: 'angular21', title: 'Angular 21', ...angular('21.2.27', '21.2.27', '21.2.26', '5.9.3') },
  { name: 'angular20', title: 'Angular 20', ...angular('20.3.43', '20.3.41', '20.3.35', '5.9.3') },
  { name: 'next', title: 'Next 16, Turbopack', ...NEXT, build: [['next', 'build']], serve: nextStart },
  { name: 'next-webpack', title: 'Next 16, webpack', ...NEXT, build: [['next', 'build', '--webpack']], serve: nextStart },
  { name: 'next-dev', title: 'Next 16, dev', ...NEXT, serve: nextDev },
  { name: 'next-pages', title: 'Next 16, pages router', ...NEXT_PAGES, build: [['next', 'build']], serve: nextStart },
  {
    name: 'nuxt',
    title: 'Nuxt 4',
    setting: '`build:manifest`, for less',
    ...NUXT,
    build: [['nuxt', 'build']],
    serve: (port) => ['env', `PORT=${port}`, 'HOST=127.0.0.1', 'node', '.output/server/index.mjs'],
  },
  {
    name: 'nuxt-dev',
    title: 'Nuxt 4, dev',
    ...NUXT,
    serve: (port) => ['nuxt', 'dev', '--port', String(port), '--host', '127.0.0.1'],
  },
  {
    name: 'sveltekit',
    title: 'SvelteKit 2',
    ...SVELTEKIT,
    build: [['vite', 'build']],
    serve: (port) => ['vite', 'preview', '--port', String(port), '--strictPort', '--host', '127.0.0.1'],
  },
  { name: 'sveltekit-dev', title: 'SvelteKit 2, dev', ...SVELTEKIT, serve: viteDev },
  { name: 'astro', title: 'Astro 5', ...ASTRO, build: [['astro', 'build']] },
  { name: 'node', title: 'Node, `truecrop/core`, `truecrop/node`', script: ['node', 'crop.mjs', '.'] },
  { name: 'bun', title: 'Bun 1, `truecrop/core`, `truecrop/node`', tools: { bun: '1.4.5' }, script: ['bun', 'crop.mjs', '.'] },
  {
    name: 'deno',
    title: 'Deno 2, `truecrop/core`, `truecrop/node`',
    tools: { deno: '2.9.6' },
    script: ['deno', 'run', '-A', 'crop.mjs', '.'],
  },
  {
    name: 'workerd',
    title: 'workerd, `truecrop/node`',
    setting: '`configure({ wasm })`',
    tools: { workerd: '1.20261117.1' },
    files: ['worker.js', 'config.capnp', 'run.mjs'].map((name) => `workerd/${name}`),
    build: [
      [
        'esbuild',
        'worker.js',
        '--bundle',
        '--format=esm',
        '--conditions=workerd',
        '--external:*.wasm',
        '--outdir=out',
        '--log-level=warning',
      ],
    ],
    script: ['node', 'run.mjs'],
  },
]
