// npm run build: builds everything that is shipped into dist/ and target/release. `npm run build -- web` builds only dist/, for the npm package.
import { buildServer, buildWasm, buildWeb, smoke } from './lib/build.mjs'
import { Refusal, main } from './lib/run.mjs'
import { setUp } from './lib/setup.mjs'

await main(async () => {
  const words = process.argv.slice(2)
  const unknown = words.filter((word) => word !== 'web')
  if (unknown.length > 0)
    throw new Refusal(`Unknown: ${unknown.join(', ')}. "npm run build" builds everything, "npm run build -- web" only dist/.`)
  await setUp()
  await buildWasm()
  await buildWeb()
  if (!words.includes('web')) await buildServer()
  await smoke()
})
