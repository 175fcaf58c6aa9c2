// Other croppers in Chromium, with the packed package behind them: what each draws itself, and what truecrop makes of its data, must be the same picture.
import { Refusal } from './run.mjs'
import { digestInNode, inProject, seenBy } from './test-page.mjs'

/** The croppers draw by the browser's canvas, with another filter: a few levels apart in the mean. A picture that lies elsewhere is far more. */
const MOST_APART = 6

export async function croppersWork() {
  const { rows } = await inProject('croppers', (folder) => seenBy(folder))
  const faults = []
  for (const row of rows) {
    const wrong = row.error ?? (await faultOf(row))
    process.stdout.write(`  ${row.name}: ${wrong ?? `${row.same.toFixed(2)} levels apart`}\n`)
    if (wrong) faults.push(row.name)
  }
  if (faults.length > 0 || rows.length < 20) throw new Refusal(`These croppers and truecrop differ: ${faults.join(', ')}.`)
}

/** What is wrong with a row: it does not show what the cropper shows, or Node makes other bytes of its recipe. */
async function faultOf({ file, recipe, moved, digest, same, apart }) {
  const wanted = await digestInNode(file, recipe)
  if (digest !== wanted) return `the page made ${digest}, and Node ${wanted}`
  if (moved > 1) return `the crop was moved by ${moved} pixels`
  // The same pictures four pixels apart differ much more, or the photo would show nothing.
  if (!(same < MOST_APART && apart > 1.5 * same)) return `${same} levels apart; ${apart} when moved by four pixels`
  return undefined
}
