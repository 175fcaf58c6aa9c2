// Uploads by way of a bucket: moto, a server with the interface of S3, and the tests that need one.
import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { examplesWithBucket } from './examples.mjs'
import { Refusal, firstLineOf, root, run, step } from './run.mjs'
import { chromium, toolsPath } from './setup.mjs'
import { startBucket, uploadersByBucket } from './uploaders.mjs'

const VERSION = '5.2.5'
const CFN_LINT = '1.58.0'
const folder = join(root, '.tools/moto')
const server = join(folder, 'bin/moto_server')

/** moto in a Python environment of its own. */
export async function moto() {
  await step(`moto ${VERSION}`, async () => {
    if (existsSync(server)) return
    if (!firstLineOf('python3', ['--version']))
      throw new Refusal('Python 3 is needed for moto: install python3 and python3-venv.')
    rmSync(folder, { recursive: true, force: true })
    await run('python3', ['-m', 'venv', folder], { quiet: true })
    await run(join(folder, 'bin/pip'), ['install', '--quiet', `moto[server]==${VERSION}`, `cfn-lint==${CFN_LINT}`], {
      quiet: true,
    })
  })
}

/** The template, the uploads by a client that lies, then the ways from the element and from Uppy. */
export async function uploadsByBucket() {
  const env = { TRUECROP_BUCKET: '1', PATH: toolsPath, CHROMIUM: chromium() ?? '' }
  const cloud = ['--locked', '-p', 'truecrop-server', '--features', 'cloud']
  await run('cargo', ['build', ...cloud])
  await run(join(folder, 'bin/cfn-lint'), ['ops/lambda.yaml'])
  await run('cargo', ['test', ...cloud, '--test', 'bucket', '--test', 'bucket_kills', '--test', 'lambda_memory'], { env })
  const binary = join(root, 'target/debug/truecrop')
  await run('node_modules/.bin/playwright', ['test', 'tests/e2e/bucket.spec.ts'], { env: { ...env, TRUECROP_BIN: binary } })
  const bucket = await startBucket(server)
  try {
    await uploadersByBucket(bucket.env, binary)
    await examplesWithBucket({ ...bucket.env, PATH: `${dirname(binary)}:${process.env.PATH}` })
  } finally {
    bucket.close()
  }
}
