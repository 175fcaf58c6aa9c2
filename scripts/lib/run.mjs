// Runs commands, and prints how long each step takes.
import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The repository's root. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** An error that a person can fix: shown as one sentence, without a stack trace. */
export class Refusal extends Error {}

/** Runs a command, in the repository's root unless `cwd` says otherwise. With `quiet` its output is shown only if it fails. */
export function run(command, args, { env = {}, quiet = false, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit']
    const child = spawn(command, args, { cwd, stdio, env: { ...process.env, ...env } })
    const output = []
    const printed = []
    child.stdout?.on('data', (data) => output.push(data) && printed.push(data))
    child.stderr?.on('data', (data) => printed.push(data))
    child.on('error', (error) => reject(new Refusal(`${command} could not be started: ${error.message}`)))
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(output).toString('utf8'))
      if (quiet) process.stderr.write(Buffer.concat(printed))
      reject(new Refusal(`${command} ${args.slice(0, 4).join(' ')} failed (${signal ?? `exit ${code}`})`))
    })
  })
}

/** The first line that a command prints, or undefined when it fails or does not exist. */
export function firstLineOf(command, args) {
  const { status, stdout } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  return status === 0 ? stdout.trim().split('\n')[0] : undefined
}

/** Runs a step, and prints its time, and what it returns if that is one line. */
export async function step(title, work) {
  const start = Date.now()
  process.stdout.write(`▸ ${title}\n`)
  const result = await work()
  const note = typeof result === 'string' && /^[^\n]+$/.test(result) ? result : 'done'
  const seconds = ((Date.now() - start) / 1000).toFixed(1)
  process.stdout.write(`  ${note}, ${seconds} s\n`)
}

/** Runs a script's `work`: a refusal is printed as one sentence, with exit code 1. */
export async function main(work) {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    process.stderr.write(`\ntruecrop: ${error.message}\n`)
    process.exit(1)
  }
}
