// Crops a picture with the installed npm package, in Node: node crop.js FOLDER, which holds photo.jpg, photo.png and photo.heic. Writes the recipe, output and
// receipt there, and the digests that pages must come to.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openPhoto } from 'truecrop'
import * as node from 'truecrop/node'
import { TrueCrop } from 'truecrop/element'
import 'truecrop/element/define'

const folder = process.argv[2]
const read = (name) => readFileSync(join(folder, name))
const installed = (name) => readFileSync(fileURLToPath(import.meta.resolve(name)))
const sha = (bytes) => createHash('sha256').update(bytes).digest('hex')
const digests = {}

// For pages; here it is enough that they can be imported.
if (typeof openPhoto !== 'function' || typeof TrueCrop !== 'function') throw new Error('The package lacks what pages use.')

function crop(core, name, format) {
  const session = core.Session.fromBytes(read(name))
  const { crop } = JSON.parse(session.solve({ zoom: 2, center: { x: 0.4, y: 0.6 }, rotate: 0, flip: 'none' }, 256, 256))
  const recipe = { truecrop: 1, crop, outputs: [{ name: 'main', width: 256, height: 256, format }] }
  const task = session.render(recipe)
  while (!task.advance());
  const rendered = task.finish()
  const result = { recipe, bytes: rendered.bytes(0), receipt: rendered.receipt }
  for (const owner of [rendered, task, session]) owner.free()
  return result
}

for (const name of ['truecrop/core', 'truecrop/core/all', 'truecrop/core/heic', 'truecrop/core/jpeg']) {
  const core = await import(name)
  // One by its bytes, the others find their file by themselves.
  if (name.endsWith('all')) core.initSync({ module: installed(`${name}.wasm`) })
  else await core.init()
  const { recipe, bytes, receipt } = crop(core, 'photo.jpg', 'jpeg')
  const isSmall = /jpeg|heic/.test(name)
  const suffix = isSmall ? 'small' : 'npm'
  writeFileSync(join(folder, 'recipe.json'), JSON.stringify(recipe))
  writeFileSync(join(folder, `output.${suffix}.jpg`), bytes)
  writeFileSync(join(folder, `receipt.${suffix}.json`), receipt)
  if (name === 'truecrop/core') Object.assign(digests, { client: sha(bytes), element: sha(bytes), core: sha(bytes) })
  if (!isSmall) digests.png = sha(crop(core, 'photo.png', 'png').bytes)
}

// By `truecrop/node`: on a thread, the same bytes, and a verdict by the source.
const made = await node.crop(join(folder, 'photo.jpg'), JSON.parse(read('recipe.json')))
if (sha(made.output.bytes) !== digests.core) throw new Error('truecrop/node makes other bytes than truecrop/core.')
const { level } = await node.verify({ receipt: made.receipt, outputs: made.output.bytes, source: read('photo.jpg') })
if (level !== 'source') throw new Error(`truecrop/node proves ${level} only.`)

for (const [way, format] of [
  ['heic', 'jpeg'],
  ['heicToPng', 'png'],
]) {
  const wanted = { width: 256, height: 256, format, zoom: 2, center: { x: 0.4, y: 0.6 } }
  digests[way] = sha((await node.crop(join(folder, 'photo.heic'), wanted)).output.bytes)
}

writeFileSync(join(folder, 'digests.json'), JSON.stringify(digests))
