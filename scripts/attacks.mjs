// The hostile files of crates/truecrop-core/tests/attacks, on the wasm modules that are shipped. First the files:
//   TRUECROP_ATTACKS_TO=$PWD/target/attacks TRUECROP_ATTACK=HEIC cargo test -p truecrop-core --all-features --test attacks
//   node scripts/attacks.mjs [HEIC]
// Each must give its answer, for the whole picture and for one pixel in the far corner, and leave the instance as it was: a file that is
// well follows it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, main, root } from './lib/run.mjs'

const MODULES = ['truecrop_heic', 'truecrop_all']
const read = (path) => new Uint8Array(readFileSync(join(root, path)))

/** What comes of a recipe, in the words of answers.json. */
function answer(glue, file, corner) {
  let session
  try {
    session = glue.Session.fromBytes(file, undefined)
    const { width, height } = JSON.parse(session.facts())
    const crop = corner ? { x: width - 1, y: height - 1, width: 1, height: 1 } : { x: 0, y: 0, width, height }
    const output = { name: 'main', width: 40, height: 30, format: 'jpeg' }
    const task = session.render(JSON.stringify({ truecrop: 1, crop, background: '#ffffff', outputs: [output] }), false)
    while (!task.advance(64));
    return JSON.parse(task.finish().receipt).source.truncated ? 'truncated' : 'picture'
  } catch (error) {
    if (typeof error?.code !== 'string') throw error
    return error.code
  } finally {
    session?.free()
  }
}

await main(() => Promise.all(MODULES.map(runAll)))

async function runAll(name) {
  const wanted = process.argv[2] ?? ''
  const attacks = JSON.parse(readFileSync(join(root, 'target/attacks/answers.json'), 'utf8'))
  const glue = await import(join(root, `dist/wasm/${name}.js`))
  const { memory } = glue.initSync({ module: read(`dist/wasm/${name}_bg.wasm`) })
  const well = read('tests/fixtures/coffee.jpg')
  const wrong = []
  const chosen = attacks.filter(({ name }) => name.includes(wanted))
  const start = process.cpuUsage()
  for (const { name, file, answer: want } of chosen) {
    for (const corner of [false, true]) {
      const got = answer(glue, read(`target/attacks/${file}`), corner)
      if (got !== want) wrong.push(`${name}: ${got}, not ${want}`)
    }
    if (answer(glue, well, true) !== 'picture') wrong.push(`${name}: what follows it fails`)
  }
  const { user, system } = process.cpuUsage(start)
  process.stdout.write(
    `${name}: ${chosen.length} files, ${wrong.length} wrong, ${Math.round((user + system) / 1000)} ms of CPU, ${memory.buffer.byteLength >> 20} MB of memory\n`,
  )
  if (chosen.length === 0 || wrong.length > 0) throw new Refusal(`${name}:\n${wrong.join('\n')}`)
}
