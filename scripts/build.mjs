// npm run build: builds everything that is shipped into dist/ and target/release.
import { buildServer, buildWasm, buildWeb, smoke } from './lib/build.mjs'
import { main } from './lib/run.mjs'
import { setUp } from './lib/setup.mjs'

await main(async () => {
  await setUp()
  await buildWasm()
  await buildWeb()
  await buildServer()
  await smoke()
})
