// Crops of HEICs by the wasm modules that are shipped, for heic_folder.py: reads jobs as JSON from its input, and writes what is not as
// the command line made it, by path.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

const MODULES = ['truecrop_heic', 'truecrop_all']

async function load(name) {
  const glue = await import(join(root, `dist/wasm/${name}.js`))
  glue.initSync({ module: readFileSync(join(root, `dist/wasm/${name}_bg.wasm`)) })
  return { name, glue }
}

function digest(glue, file, { crop: [x, y, width, height], size }) {
  let session
  try {
    session = glue.Session.fromBytes(file, undefined)
    const output = { name: 'main', width: size[0], height: size[1], format: 'jpeg' }
    const recipe = { truecrop: 1, crop: { x, y, width, height }, background: '#000000', outputs: [output] }
    const task = session.render(JSON.stringify(recipe), false)
    while (!task.advance(64));
    const done = task.finish()
    return createHash('sha256').update(done.bytes(0)).digest('hex')
  } catch (error) {
    if (typeof error?.code !== 'string') throw error
    return error.code
  } finally {
    session?.free()
  }
}

const modules = await Promise.all(MODULES.map(load))
const different = {}
for (const { path, crops } of JSON.parse(readFileSync(0, 'utf8'))) {
  const file = new Uint8Array(readFileSync(path))
  for (const { name, glue } of modules) {
    for (const crop of crops) {
      const got = digest(glue, file, crop)
      if (got !== crop.sha256) (different[path] ??= []).push(`${name}, ${crop.crop}: ${got.slice(0, 20)}`)
    }
  }
}
process.stdout.write(JSON.stringify(different))
