// Stops `npm pack` and `npm publish` in the repository itself: what is published is laid out in a folder of its own.
import { Refusal, main } from './lib/run.mjs'

await main(async () => {
  throw new Refusal('Run `npm run build -- package`, and then `npm pack ./target/npm-package` (or `npm publish`).')
})
