// The wrappers for React, Vue and Svelte: rendered by a server, mounted in Chromium, and compared with what Node makes.
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Refusal, root, run } from './run.mjs'
import { inProject, judge, seenBy } from './test-page.mjs'

export async function frameworksWork() {
  const seen = await inProject('frameworks', async (folder) => {
    await run(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json'], { cwd: folder })
    checkServer(JSON.parse(await run(process.execPath, ['ssr.js'], { quiet: true, cwd: folder })))
    const define = {
      __VUE_OPTIONS_API__: 'true',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    }
    // As they are developed with, too: only there does React's strict mode begin every effect twice.
    const mode = (name) => ({ define: { ...define, 'process.env.NODE_ENV': JSON.stringify(name) } })
    return [await seenBy(folder, mode('production')), await seenBy(folder, mode('development'))]
  })
  for (const each of seen) await judge(each, 8)
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
