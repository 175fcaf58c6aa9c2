// npm run build: everything that is shipped, into dist/ and target/release.
import { buildServer, buildWasm, buildWeb, smoke } from './lib/build.mjs'
import { door } from './lib/run.mjs'
import { setUp } from './lib/setup.mjs'

await door(async () => {
  await setUp()
  await buildWasm()
  await buildWeb()
  await buildServer()
  await smoke()
})
