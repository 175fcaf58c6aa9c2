/** The modules of Node that this package uses where they are. Bundlers for pages and for the edge do not follow this way to them. */

interface Builtins {
  'node:fs/promises': typeof import('node:fs/promises')
  'node:os': typeof import('node:os')
  'node:url': typeof import('node:url')
  'node:worker_threads': typeof import('node:worker_threads')
}

/** A module of Node, Deno or Bun; undefined where there is none, such as at the edge. */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  return process?.getBuiltinModule?.(name) as Builtins[Name] | undefined
}
