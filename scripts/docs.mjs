// npm run docs: builds the documentation as a site and serves it. `npm run docs -- build` writes it to target/site. Options: --port 5173.
import { buildWasm, buildWeb } from './lib/build.mjs'
import { Refusal, main } from './lib/run.mjs'
import { setUp } from './lib/setup.mjs'
import { buildSite, makePages, serveSite } from './lib/site.mjs'

await main(async () => {
  const words = process.argv.slice(2)
  const at = words.indexOf('--port')
  const port = at < 0 ? 5173 : Number(words[at + 1])
  const known = at < 0 ? words : words.toSpliced(at, 2)
  if (known.some((word) => word !== 'build') || !Number.isInteger(port))
    throw new Refusal('"npm run docs" serves the site (--port 5173), "npm run docs -- build" writes it to target/site.')
  await setUp()
  await buildWasm()
  await buildWeb()
  await makePages()
  if (known.includes('build')) await buildSite()
  else await serveSite(port)
})
