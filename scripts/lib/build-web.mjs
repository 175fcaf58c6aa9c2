// Builds what browsers load: the element, the client, the worker, `truecrop/core`, and the demo.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { digest, unlessDone } from './build-cache.mjs'
import { root, run, step } from './run.mjs'
import { glueForWorker } from './worker-glue.mjs'

/** The wasm modules, by the names that the sources give them. */
const MODULES = { full: 'truecrop', jpeg: 'truecrop_jpeg', all: 'truecrop_all', heic: 'truecrop_heic' }

/** What the package exports. They share their code in one chunk, so that there is one worker and one error type. */
const ENTRIES = {
  index: 'www/client/index.ts',
  element: 'www/element/define.ts',
  'true-crop': 'www/element/true-crop.ts',
  core: 'www/core/full.ts',
  'core-all': 'www/core/all.ts',
  'core-jpeg': 'www/core/jpeg.ts',
  'core-heic': 'www/core/heic.ts',
  upload: 'www/upload/index.ts',
  filepond: 'www/filepond/index.ts',
  react: 'www/react/index.ts',
  svelte: 'www/svelte/index.ts',
  uppy: 'www/uppy/index.ts',
  'uppy-editor': 'www/uppy/editor.ts',
  vue: 'www/vue/index.ts',
}

/** What the wrappers are for: it comes from the application. */
const FRAMEWORKS = ['@uppy/core', 'preact', 'react', 'vue']

/** Other croppers, whose data the package understands. */
export const ADAPTERS = [
  'cropperjs',
  'cropperjs-2',
  'croppie',
  'gutenberg',
  'react-advanced-cropper',
  'react-easy-crop',
  'react-image-crop',
]
const ADAPTER_ENTRIES = Object.fromEntries(ADAPTERS.map((name) => [`adapters/${name}`, `www/adapters/${name}.ts`]))

/** For back ends: they have no copies for bundlers of pages. */
const NODE_ENTRIES = { node: 'www/node/index.ts' }

/** Entries that start no worker. */
const PLAIN_ENTRIES = { languages: 'www/element/languages/index.ts', 'prefer-inline': 'www/client/prefer-inline.ts' }

/** In a framework that renders on the server these belong to the browser. */
const CLIENT_ONLY = ['element', 'true-crop', 'filepond', 'uppy', 'uppy-editor', 'react', 'svelte', 'vue']

const dist = (...names) => join(root, 'dist', ...names)

/** Writes dist: the element, the client, the worker and the demo. */
export async function buildWeb() {
  const inputs = digest([
    'www',
    'tsconfig.json',
    'tsconfig.types.json',
    'package-lock.json',
    'dist/wasm',
    'scripts/lib/build-web.mjs',
    'scripts/lib/worker-glue.mjs',
  ])
  const made = ['dist/element.js', 'dist/inline/data/all.js', 'dist/types/core/full.d.ts', 'dist/demo/index.html']
  await step('browser files', () => unlessDone('web', inputs, made, web))
}

async function web() {
  const { build, transform } = await import('esbuild')
  const common = { absWorkingDir: root, bundle: true, target: 'es2022', charset: 'utf8', minify: true, logLevel: 'warning' }
  removeOld()
  await workers(build, common)
  await nodeFiles(build, common)
  await build({
    ...common,
    format: 'esm',
    outdir: 'dist',
    entryPoints: { ...ENTRIES, ...NODE_ENTRIES, ...ADAPTER_ENTRIES, ...PLAIN_ENTRIES },
    splitting: true,
    plugins: [smallStyles(transform), besideElement],
    // Beside the worker: its address is relative to the file that starts it.
    chunkNames: '[name]-[hash]',
    external: [
      ...FRAMEWORKS,
      ...['worker', ...Object.keys(MODULES)].map((name) => `*/inline/data/${name}.js`),
      ...Object.values(MODULES).map((name) => `*/wasm/${name}.js`),
    ],
  })
  // On a line of its own: bundlers that warn of it show that line.
  for (const name of CLIENT_ONLY) writeFileSync(dist(`${name}.js`), `"use client";\n${readFileSync(dist(`${name}.js`), 'utf8')}`)
  inlineEntries()
  inlineModules()
  await demo(build, common)
  await run('node_modules/.bin/tsc', ['-p', 'tsconfig.types.json'], { quiet: true })
  writeFileSync(dist('types/worker.d.ts'), 'export {}\n')
  // What an import of a module is where it is compiled beforehand: at the edge.
  writeFileSync(dist('types/wasm.d.ts'), 'declare const module: WebAssembly.Module\nexport default module\n')
  cpSync(join(root, 'www/node/require.d.cts'), dist('types/node/require.d.cts'))
}

/** Chunks have their content's digest in their names: those of earlier builds would stay. */
function removeOld() {
  mkdirSync(dist(), { recursive: true })
  for (const name of readdirSync(dist())) if (/\.c?js(\.map)?$/.test(name)) rmSync(dist(name))
  for (const folder of ['inline', 'types', 'demo', 'adapters']) rmSync(dist(folder), { recursive: true, force: true })
}

/** The worker, as a module and as a text that a page can start without an address. Each holds the glue of the modules once. */
async function workers(build, common) {
  const worker = { ...common, entryPoints: { worker: 'www/worker/worker.ts' }, plugins: [sharedGlue(build)] }
  await build({ ...worker, format: 'esm', outdir: 'dist' })
  const { outputFiles } = await build({
    ...worker,
    format: 'iife',
    outdir: 'dist',
    write: false,
    // Its modules come from the page: the addresses are never used.
    define: { 'import.meta.url': 'self.location.href' },
  })
  writeData('worker', outputFiles[0].text)
}

/** The thread of `truecrop/node`, by itself in one file, and its entry for `require`. */
async function nodeFiles(build, common) {
  await build({
    ...common,
    entryPoints: { 'node-thread': 'www/node/thread.ts' },
    plugins: [glueWithoutAddress(build, OF_THREAD)],
    format: 'esm',
    outdir: 'dist',
    // Its module comes from the thread that starts it: nothing else is loaded.
    external: ['./inline/data/*'],
  })
  await build({
    ...common,
    entryPoints: { node: 'www/node/require.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    external: ['./node.js'],
    outdir: 'dist',
  })
}

/** What the worker uses of the glue; what the thread of `truecrop/node` uses. */
const OF_WORKER = ['Session', 'default as init']
const OF_THREAD = ['Session', 'Submission', 'initSync']

/** Bundles wasm-bindgen's glue of one module. */
const glueWithoutAddress = (build, names) => ({
  name: 'glue-without-address',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: GLUE }, ({ path }) => ({ path: dist('wasm', path.split('/').pop()) }))
    onLoad({ filter: GLUE }, async ({ path }) => {
      const exported = names.join().replace('default as init', 'init')
      return { contents: `let glue; ${await minifiedGlue(build, path, names)}; export const { ${exported} } = glue` }
    })
  },
})

/**
 * Bundles the glue of all modules as one text, which makes an instance for each: that of the module with all formats, which has whatever
 * the others have.
 */
const sharedGlue = (build) => ({
  name: 'shared-glue',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: GLUE }, ({ path }) => ({ path: dist('wasm', path.split('/').pop()) }))
    onResolve({ filter: /^shared-glue$/ }, ({ path }) => ({ path, namespace: 'shared-glue' }))
    onLoad({ filter: GLUE }, ({ path }) => {
      checkImports(path)
      const own = JSON.stringify(importsOf(path))
      const contents = `import { make } from "shared-glue"; const { Session, init } = make(${own}); export { Session, init as default }`
      return { contents, resolveDir: root }
    })
    onLoad({ filter: /./, namespace: 'shared-glue' }, async () => {
      const path = dist('wasm', `${MODULES.all}.js`)
      // What the module's imports are called is what differs.
      const own = (glue) => glueForWorker(glue).replace(`"${importsOf(path)}":`, '[imports]:')
      const text = await minifiedGlue(build, path, OF_WORKER, own)
      return { contents: `export const make = (imports) => { let glue; ${text}; return glue }` }
    })
  },
})

/** The name under which a module imports what its glue has. */
const importsOf = (path) => `./${path.split('/').pop().replace('.js', '_bg.js')}`

const GLUE = /\/wasm\/truecrop\w*\.js$/

/** Refuses a module that imports what the shared glue has not. */
function checkImports(path) {
  const module = new WebAssembly.Module(readFileSync(path.replace(/\.js$/, '_bg.wasm')))
  const glue = readFileSync(dist('wasm', `${MODULES.all}.js`), 'utf8')
  const missing = WebAssembly.Module.imports(module).filter(({ name }) => !glue.includes(`${name}:`))
  if (missing.length > 0) throw new Error(`${path} imports ${missing[0].name}, which the glue of all formats has not.`)
}

/**
 * The glue as a statement that sets `glue`, without its address of the module: that is relative to another file than the bundled one, and
 * the worker gives it anyway.
 */
async function minifiedGlue(build, path, names, change = (glue) => glue) {
  const generated = readFileSync(path, 'utf8')
  const changed = change(generated)
  // The worker's has none any more.
  const contents = changed
    .replace(/module_or_path = new URL\([^)]*import\.meta\.url\);?/, '')
    .replace(/^if \(Symbol\.dispose\) .*$/gm, '')
    .replaceAll('new FinalizationRegistry', '/* @__PURE__ */ new FinalizationRegistry')
  if (contents.includes('import.meta')) throw new Error(`${path} has another address of its module: has wasm-bindgen changed?`)
  const own = names.map((name) => name.split(' as ').pop())
  const { outputFiles } = await build({
    stdin: { contents: `import { ${names.join()} } from 'glue'; glue = { ${own.join()} }` },
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    write: false,
    plugins: [textAs('glue', contents)],
  })
  return outputFiles[0].text
}

/** Minifies the styles of the element, which are texts in its sources: what `const CSS` or `const styles` is set to. */
const smallStyles = (transform) => ({
  name: 'small-styles',
  setup({ onLoad }) {
    onLoad({ filter: /\/www\/element\/.*\.ts$/ }, async ({ path }) => {
      const text = readFileSync(path, 'utf8')
      const [found, before, css] = /(const (?:CSS|styles) = )`([^`$]*)`/.exec(text) ?? []
      if (!css) return { contents: text, loader: 'ts' }
      const { code } = await transform(css, { loader: 'css', minify: true })
      return { contents: text.replace(found, () => before + JSON.stringify(code.trim())), loader: 'ts' }
    })
  },
})

/**
 * The wrappers import the entry that defines the element, as a file: in a chunk that they share, bundlers would drop it, because package.json says of no chunk that it is
 * imported for its effect. The names of its attributes are copied to them, so that the element need not load another chunk because of them.
 */
const besideElement = {
  name: 'beside-element',
  setup({ onResolve }) {
    onResolve({ filter: /\/element\/define\.js$/ }, () => ({ path: './element.js', external: true, sideEffects: true }))
    onResolve({ filter: /\/element\/attributes\.js$/ }, ({ importer }) =>
      /[\\/](react|vue)[\\/]/.test(importer.slice(root.length))
        ? { path: join(root, 'www/element/attributes.ts'), suffix: '?copy', sideEffects: false }
        : undefined,
    )
  },
}

/** A module by name, from text. */
const textAs = (name, contents) => ({
  name: 'text',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: 'text' }))
    onLoad({ filter: /./, namespace: 'text' }, () => ({ contents, loader: 'js' }))
  },
})

/** For each entry one that takes worker and modules from scripts, for bundlers that leave other files behind. */
function inlineEntries() {
  for (const name of Object.keys(ENTRIES)) {
    const directive = CLIENT_ONLY.includes(name) ? '"use client";\n' : ''
    const isDefault = name.startsWith('core') ? `export { default } from "../${name}.js";\n` : ''
    const text = `${directive}import "../prefer-inline.js";\nexport * from "../${name}.js";\n${isDefault}`
    writeFileSync(dist('inline', `${name}.js`), text)
  }
}

function inlineModules() {
  for (const [kind, name] of Object.entries(MODULES)) {
    writeData(kind, gzipSync(readFileSync(dist('wasm', `${name}_bg.wasm`)), { level: 9 }).toString('base64'))
  }
}

function writeData(name, text) {
  mkdirSync(dist('inline/data'), { recursive: true })
  writeFileSync(dist('inline/data', `${name}.js`), `export default ${JSON.stringify(text)};\n`)
}

async function demo(build, common) {
  await build({
    ...common,
    format: 'esm',
    outdir: 'dist',
    sourcemap: true,
    entryPoints: { 'demo/demo': 'www/demo/demo.ts', 'demo/more': 'www/demo/more.ts' },
    external: ['*/element.js'],
  })
  for (const name of readdirSync(join(root, 'www/demo'))) {
    if (/\.(html|css|jpg|png|svg|ico)$/.test(name)) cpSync(join(root, 'www/demo', name), dist('demo', name))
  }
}
