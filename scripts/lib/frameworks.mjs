// The wrappers for React, Vue and Svelte: rendered by a server, mounted in Chromium, and compared with what Node makes.
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Refusal, root, run } from './run.mjs'
import { digestInNode, inProject, seenBy } from './test-page.mjs'

export async function frameworksWork() {
  const { rows, errors } = await inProject('frameworks', async (folder) => {
    await run(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json'], { cwd: folder })
    checkServer(JSON.parse(await run(process.execPath, ['ssr.js'], { quiet: true, cwd: folder })))
    return seenBy(folder, {
      __VUE_OPTIONS_API__: 'true',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    })
  })
  const faults = []
  for (const row of rows) {
    const wrong = row.error ?? (await faultOf(row))
    process.stdout.write(`  ${row.name}: ${wrong ?? 'as it should be'}\n`)
    if (wrong) faults.push(row.name)
  }
  if (errors.length > 0) throw new Refusal(`The console says: ${errors.join(' ')}`)
  if (faults.length > 0 || rows.length < 8) throw new Refusal(`These wrappers do not work: ${faults.join(', ')}.`)
}

/** A server renders the element with its attributes: true ones alone, and no properties. */
function checkServer({ react, vue, store }) {
  for (const [name, html] of Object.entries({ react, vue })) {
    const attributes = [...html.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, attribute, value]) => `${attribute}=${value}`).sort()
    const flags = attributes.filter((text) => text.startsWith('required'))
    const others = attributes.filter((text) => !text.startsWith('required'))
    const wanted = ['height=512', 'max-bytes=90000', 'name=avatar', 'width=512']
    if (!/^<true-crop /.test(html) || !isDeepStrictEqual(others, wanted) || (flags.length === 0 && !/ required[ >]/.test(html))) {
      throw new Refusal(`A server renders ${html} by ${name}.`)
    }
  }
  if (store !== 'function') throw new Refusal('The store of Svelte cannot be made on a server.')
}

async function faultOf({ equal, recipe, digest }) {
  const different = equal.find(([seen, wanted]) => !isDeepStrictEqual(seen, wanted))
  if (different) return `${JSON.stringify(different[0])}, not ${JSON.stringify(different[1])}`
  const wanted = await digestInNode('photo.jpg', recipe)
  return digest === wanted ? undefined : `the page made ${digest}, and Node ${wanted}`
}
