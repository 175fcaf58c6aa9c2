// npm run build: builds everything that is shipped into dist/ and target/release. `npm run build -- web` builds only dist/,
// `npm run build -- package` also lays out the npm package from it.
import { buildServer, buildWasm, buildWeb, smoke } from './lib/build.mjs'
import { packageFolder, stagePackage } from './lib/npm-package.mjs'
import { Refusal, main } from './lib/run.mjs'
import { setUp } from './lib/setup.mjs'

await main(async () => {
  const words = process.argv.slice(2)
  const unknown = words.filter((word) => !['web', 'package'].includes(word))
  if (unknown.length > 0)
    throw new Refusal(
      `Unknown: ${unknown.join(', ')}. "npm run build" builds everything, "-- web" only dist/, "-- package" the npm package.`,
    )
  await setUp()
  await buildWasm()
  await buildWeb()
  if (words.length === 0) await buildServer()
  await smoke()
  if (words.includes('package')) {
    await stagePackage()
    process.stdout.write(`${packageFolder}\n`)
  }
})
