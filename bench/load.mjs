// npm run bench -- load: uploads by 1, 16 and 256 clients at once, at the levels result and source, without and with 200 clients that
// stall: uploads a second, waiting times, memory of the server. Bounded: each of the twelve runs takes SECONDS and a few more.
//   npm run bench -- load [SECONDS] [CLIENTS...]     10 seconds by default
//   PHOTO=FILE                                       a photo of your own; tests/fixtures/hubble.jpg by default
//   BINARY=FILE                                      another server to compare with
import { join } from 'node:path'
import { root, run, step } from '../scripts/lib/run.mjs'
import { setUp } from '../scripts/lib/setup.mjs'

export async function load(words) {
  await setUp()
  const packages = ['-p', 'truecrop-server', '-p', 'truecrop-load']
  await step('the server and its clients', () => run('cargo', ['build', '--quiet', '--locked', '--release', ...packages]))
  const target = (name) => join(root, 'target/release', name)
  const photo = process.env.PHOTO ?? join(root, 'tests/fixtures/hubble.jpg')
  await run(target('truecrop-load'), [process.env.BINARY ?? target('truecrop'), photo, ...words])
}
