// npm run release -- --dry-run: builds, packs and checks what would be published, npm package and crates. It publishes nothing, and changes no file that git knows.
import { rehearse } from './lib/release/rehearsal.mjs'
import { Refusal, main } from './lib/run.mjs'

await main(async () => {
  const words = process.argv.slice(2)
  if (words.length !== 1 || words[0] !== '--dry-run') {
    throw new Refusal(
      'Say "npm run release -- --dry-run": it rehearses a release. Publishing is described in CONTRIBUTING.md, *A release*.',
    )
  }
  await rehearse()
})
