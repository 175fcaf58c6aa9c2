// npm run bench: the same crops of the same files by truecrop and by its peers, in one run; ratios, peaks and their targets.
//   --native [PATTERN]   the native half alone, only what matches ("8k br")
//   --browser [PATTERN]  the half in Chromium alone
//   load                 uploads to the server instead (bench/load.mjs)
//   --rounds 7           of which the median counts
//   --markdown           the tables as docs/BENCHMARKS.md has them
// Pictures are made once, in target/bench. Nothing is asserted.
import { parseArgs } from 'node:util'
import { Refusal, main } from '../scripts/lib/run.mjs'
import { setUp } from '../scripts/lib/setup.mjs'
import { buildWasm, buildWeb } from '../scripts/lib/build.mjs'
import { load } from './load.mjs'
import * as native from './native.mjs'
import { buildPeers, installPeers, loadSharp, peers } from './peers.mjs'
import { pictures } from './pictures.mjs'
import * as report from './report.mjs'

function options() {
  const flag = { type: 'boolean', default: false }
  const known = { native: flag, browser: flag, markdown: flag, rounds: { type: 'string', default: '7' } }
  try {
    const { values, positionals } = parseArgs({ options: known, allowPositionals: true })
    const both = values.native === values.browser
    const pattern = new RegExp(positionals.join(' ') || '.')
    const rounds = Number(values.rounds)
    if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a whole number of 1 or more')
    return { native: both || values.native, browser: both || values.browser, markdown: values.markdown, pattern, rounds }
  } catch (error) {
    throw new Refusal(`${error.message}. Known: --native --browser --rounds N --markdown PATTERN`)
  }
}

/** Rows as they come: a long run shows where it is. */
function collect(rows) {
  const all = []
  for (const row of rows) {
    process.stderr.write(`  ${row.name}\n`)
    all.push(row)
  }
  return all
}

function nativeHalf(catalogue, { pattern, rounds, markdown }) {
  const names = Object.keys(peers)
  const print = (text) => process.stdout.write(text)
  print(report.inProcess(collect(native.inProcess(catalogue, pattern, rounds)), names, markdown))
  print(report.wholeProcess(collect(native.wholeProcess(catalogue, pattern, Math.min(rounds, 3))), names, markdown))
  print(report.quality(collect(native.quality(catalogue, pattern)), markdown))
}

await main(async () => {
  const [first, ...words] = process.argv.slice(2)
  if (first === 'load') return load(words)
  const chosen = options()
  await setUp()
  await installPeers()
  const catalogue = await pictures(loadSharp())
  if (chosen.native) {
    await buildPeers()
    nativeHalf(catalogue, chosen)
  }
  if (chosen.browser) {
    const { inBrowser, moduleSizes, names } = await import('./browser.mjs')
    await buildWasm()
    await buildWeb()
    process.stdout.write(report.browser(await inBrowser(catalogue, chosen), names, chosen.markdown))
    process.stdout.write(report.modules(moduleSizes(), chosen.markdown))
  }
})
