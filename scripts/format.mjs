// npm run format: formats Rust and everything else.
import { main, run, step } from './lib/run.mjs'
import { setUp } from './lib/setup.mjs'

await main(async () => {
  await setUp()
  await step('Rust', () => run('cargo', ['fmt', '--all']))
  await step('the rest', () => run('node_modules/.bin/prettier', ['--write', '--log-level', 'warn', '.']))
})
