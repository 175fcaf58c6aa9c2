// schemathesis against the real server: requests made from its OpenAPI document, valid and not, must get the answers that the document says.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal, firstLineOf, root, run, step } from './run.mjs'

const VERSION = '4.32.5'
const PYTHON = join(root, '.tools/schemathesis')
const KEY = 'the-key'
const SECRET = 'a secret of this test, which has 32 bytes or more'

/** A server that asks for permissions, audits, and bounds what may be uploaded. */
const POLICIES = `level = 'committed'
[policy]
formats = ['jpeg', 'webp']
maxPictures = 2
maxOutputSide = 1024
[audits]
share = 1.0
[policy_tokens]
require = true
[[policy_tokens.keys]]
id = 'one'
secret = '${SECRET}'
`

/** It knows no chunks of tus: they are bytes. */
const HOOKS =
  'import schemathesis\nschemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")\n'

/** schemathesis, in a folder of its own. */
export async function schemathesis() {
  const there = () => firstLineOf(join(PYTHON, 'bin/schemathesis'), ['--version'])?.endsWith(VERSION)
  await step(`schemathesis ${VERSION}`, async () => {
    if (there()) return
    await run('python3', ['-m', 'venv', PYTHON], { quiet: true })
    await run(join(PYTHON, 'bin/pip'), ['install', '--quiet', `schemathesis==${VERSION}`], { quiet: true })
  })
}

/** Starts the server in a folder; `{url, end}`. */
async function serve(binary, folder, rest) {
  const members = [`listen = '127.0.0.1:0'`, `store = 'store'`, `api_key = '${KEY}'`, 'access_log = false']
  writeFileSync(join(folder, 'truecrop.toml'), `${members.join('\n')}\n${rest}`)
  const stdio = ['ignore', 'ignore', 'pipe']
  const server = spawn(binary, ['serve', '--config', 'truecrop.toml'], {
    cwd: folder,
    stdio,
    env: { ...process.env, RUST_LOG: 'info' },
  })
  const url = await new Promise((resolve, reject) => {
    let log = ''
    server.stderr.on('data', (text) => {
      log += text
      const [, address] = /listening on (http:\/\/\S+)/.exec(log) ?? []
      if (address) resolve(address)
    })
    server.on('exit', () => reject(new Refusal(`The server did not start:\n${log}`)))
  })
  return { url, end: () => server.kill() }
}

/** The id of a stored upload. */
async function uploaded(binary, folder, url, credentials) {
  const photo = join(root, 'tests/fixtures/coffee.jpg')
  await run(binary, ['crop', photo, '--size', '64x64', '-o', join(folder, 'o.jpg'), '--receipt', join(folder, 'r.json')])
  const form = new FormData()
  form.append('main.receipt', new Blob([readFileSync(join(folder, 'r.json'))]))
  form.append('main', new Blob([readFileSync(join(folder, 'o.jpg'))]))
  const answer = await fetch(`${url}/v1/images`, {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${credentials}` },
  })
  if (answer.status !== 201) throw new Refusal(`The upload was answered with ${answer.status}.`)
  return (await answer.json()).images.main.id
}

/** What the document cannot say: an upload that is there; and that no schema describes a receipt that holds, so that a valid form may be refused. */
function configuration(id) {
  const of = (name, lines) => ['[[operations]]', `include-name = "${name}"`, ...lines, ''].join('\n')
  const stored = [`parameters = { id = "${id}" }`]
  const refusable = 'checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "413", "415", "422"]'
  // tus has a status of its own for its version, which comes before all else.
  const rejected = ['400', '401', '403', '404', '405', '406', '409', '412', '415', '422', '428', '429', '5xx']
  const version = ['negative_data_rejection', 'missing_required_header'].map(
    (check) => `checks.${check}.expected-statuses = ${JSON.stringify(rejected)}`,
  )
  const part = '/v1/tus/{id}/{part}'
  return [
    'hooks = "hooks.py"',
    of('GET /v1/images/{id}', stored),
    of('POST /v1/images/{id}/confirm', stored),
    // No schema says which file an upload has promised.
    of('POST /v1/images/{id}/source', [
      ...stored,
      'checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404", "409", "410", "413", "415", "422"]',
    ]),
    of('GET /v1/images/{id}/{name}', [`parameters = { id = "${id}", name = "main" }`]),
    of('POST /v1/images', [refusable]),
    of('POST /v1/uploads', [refusable]),
    of('POST /v1/filepond', [refusable]),
    // Nothing says how to make metadata that describes a picture, nor which uploads and parts there are.
    of('POST /v1/tus', [refusable, ...version]),
    // Which fields a request needs follows from its body, or from the method that another one names.
    ...['HEAD', 'PATCH', 'DELETE', 'POST'].map((method) =>
      of(`${method} ${part}`, [
        'checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "401", "403", "404", "409", "415", "422", "423", "429", "5xx"]',
        ...version,
      ]),
    ),
  ].join('\n')
}

/** One run against a server of its own; what it finds is printed. */
async function holds(binary, rest, withToken) {
  const folder = mkdtempSync(join(tmpdir(), 'truecrop-openapi-'))
  const server = await serve(binary, folder, rest)
  try {
    writeFileSync(join(folder, 'hooks.py'), HOOKS)
    let credentials = KEY
    if (withToken) {
      const made = ['token', 'make', '--config', join(folder, 'truecrop.toml'), '--subject', 'user 7', '--expires-in', '1h']
      credentials = execFileSync(binary, made, { encoding: 'utf8' }).trim()
    }
    const id = await uploaded(binary, folder, server.url, credentials)
    writeFileSync(join(folder, 'schemathesis.toml'), configuration(id))
    const checks = ['--checks', 'all', '--max-examples', '50', '--header', `Authorization: Bearer ${credentials}`, '--no-color']
    const args = ['--config-file', join(folder, 'schemathesis.toml'), 'run', `${server.url}/openapi.json`, ...checks]
    await run(join(PYTHON, 'bin/schemathesis'), args, { cwd: folder })
  } finally {
    server.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Plain, with policies and the application's key, and with policies and a person's token. */
export async function openapiHolds() {
  const binary = join(root, 'target/release/truecrop')
  if (!existsSync(binary)) throw new Refusal('The server is not built.')
  await holds(binary, '', false)
  await holds(binary, POLICIES, false)
  await holds(binary, POLICIES, true)
}
