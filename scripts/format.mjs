// npm run format: brings Rust and everything else into form.
import { door, run, step } from './lib/run.mjs'
import { setUp } from './lib/setup.mjs'

await door(async () => {
  await setUp()
  await step('Rust', () => run('cargo', ['fmt', '--all']))
  await step('the rest', () => run('node_modules/.bin/prettier', ['--write', '--log-level', 'warn', '.']))
})
