// What the browser half loads from: the built product, the peers' packages, and the bench's own page, isolated as wasm-vips needs it.
import { createReadStream, existsSync, readFileSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from '../scripts/lib/run.mjs'
import { folder } from './pictures.mjs'

const PAGE = `<!doctype html><meta charset="utf-8"><title>bench</title>
<input type="file" id="file"><div id="stage" style="width: 800px; height: 600px"></div>
<script type="module" src="/bench/page.js"></script>`

const types = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' }
const roots = { bench: join(folder, 'web'), peers: join(root, 'bench/node_modules') }

function find(path) {
  const [, first, ...rest] = path.split('/')
  return roots[first] ? join(roots[first], ...rest) : join(root, 'dist', path)
}

/** Bundles the page and its worker, listens on a free port; `{url, close}`. */
export async function serve() {
  await build({
    entryPoints: ['page', 'worker'].map((name) => join(root, 'bench/browser', `${name}.js`)),
    ...{ bundle: true, format: 'esm', target: 'es2022', outdir: roots.bench, logLevel: 'error' },
    external: ['/index.js', '/peers/*'],
  })
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, 'http://bench').pathname)
    response.setHeader('cross-origin-opener-policy', 'same-origin')
    response.setHeader('cross-origin-embedder-policy', 'require-corp')
    if (path === '/') return response.setHeader('content-type', 'text/html').end(PAGE)
    const file = find(path)
    if (!existsSync(file)) return response.writeHead(404).end()
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream')
    createReadStream(file).pipe(response)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }
}

/** `{name, bytes, brotli}` of each built module, and of jSquash's for JPEG and resizing. */
export function moduleSizes() {
  const own = readdirSync(join(root, 'dist/wasm')).filter((name) => name.endsWith('.wasm'))
  const jsquash = [
    'jpeg/codec/dec/mozjpeg_dec.wasm',
    'jpeg/codec/enc/mozjpeg_enc.wasm',
    'resize/lib/resize/pkg/squoosh_resize_bg.wasm',
  ]
  const files = [
    ...own.map((name) => [name, join(root, 'dist/wasm', name)]),
    ...jsquash.map((name) => [`@jsquash/${name}`, join(roots.peers, '@jsquash', name)]),
  ]
  return files.map(([name, path]) => {
    const data = readFileSync(path)
    return { name, bytes: data.length, brotli: brotliCompressSync(data).length }
  })
}
