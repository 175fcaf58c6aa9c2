// Crops a picture with the installed npm package, in Node: node crop.js FOLDER, which holds photo.jpg. Writes the recipe, output and receipt there.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openPhoto } from 'truecrop'
import { TrueCrop } from 'truecrop/element'
import 'truecrop/element/define'

const folder = process.argv[2]
const read = (name) => readFileSync(join(folder, name))
const installed = (name) => readFileSync(fileURLToPath(import.meta.resolve(name)))

// For pages; here it is enough that they can be imported.
if (typeof openPhoto !== 'function' || typeof TrueCrop !== 'function') throw new Error('The package lacks what pages use.')

for (const name of ['truecrop/core', 'truecrop/core/all', 'truecrop/core/jpeg']) {
  const core = await import(name)
  core.initSync({ module: installed(`${name}.wasm`) })
  const session = core.Session.fromBytes(read('photo.jpg'), undefined)
  const wanted = { zoom: 2, center: { x: 0.4, y: 0.6 }, rotate: 0, flip: 'none' }
  const { crop } = JSON.parse(session.solve(JSON.stringify(wanted), 256, 256, false))
  const recipe = JSON.stringify({ truecrop: 1, crop, outputs: [{ name: 'main', width: 256, height: 256, format: 'jpeg' }] })
  const job = session.render(recipe)
  while (!job.advance(64));
  const rendered = job.finish()
  const suffix = name.endsWith('jpeg') ? 'small' : 'npm'
  writeFileSync(join(folder, 'recipe.json'), recipe)
  writeFileSync(join(folder, `output.${suffix}.jpg`), rendered.bytes(0))
  writeFileSync(join(folder, `receipt.${suffix}.json`), rendered.receipt)
}
