// The build cache: a step is skipped while its inputs and its results have not changed.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

/** SHA-256 of the content of files and folders, and of plain values. */
export function digest(paths, ...values) {
  const hash = createHash('sha256')
  for (const path of paths) addPath(hash, path)
  for (const value of values) hash.update(`\0${value}`)
  return hash.digest('hex')
}

function addPath(hash, path) {
  const full = join(root, path)
  if (!existsSync(full)) return
  if (statSync(full).isDirectory()) {
    for (const name of readdirSync(full).sort()) addPath(hash, join(path, name))
    return
  }
  hash.update(`\0${path}\0`).update(readFileSync(full))
}

/** Does `work`, unless it was last done with the same digest (kept under `name`) and every path in `made` still exists. */
export async function unlessDone(name, sum, made, work) {
  const file = join(root, '.tools', 'build-cache', name)
  const there = made.every((path) => existsSync(join(root, path)))
  if (there && existsSync(file) && readFileSync(file, 'utf8') === sum) return 'up to date'
  await work()
  mkdirSync(join(root, '.tools', 'build-cache'), { recursive: true })
  writeFileSync(file, sum)
}
