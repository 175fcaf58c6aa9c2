// tus-js-client in Node against the real server.
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal, root, run } from './run.mjs'

export async function tusWorks() {
  const binary = join(root, 'target/release/truecrop')
  if (!existsSync(binary)) throw new Refusal('The server is not built.')
  const folder = mkdtempSync(join(tmpdir(), 'truecrop-tus-client-'))
  try {
    cpSync(join(root, 'tests/consumers/tus'), folder, { recursive: true })
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { quiet: true, cwd: folder })
    await run('node', ['main.mjs', binary, join(root, 'tests/fixtures')], { cwd: folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
