/**
 * `require('truecrop/node')`: the same functions of the same module, loaded with the first call, so that a program that uses `require` here and
 * `import` there has one engine. Everything is asynchronous but the problems and the errors, which do not need it.
 */

type Node = typeof import('./index.js')

const load = (): Promise<Node> => import('./node.js' as string) as Promise<Node>

export { problemResponse, toProblem } from './problem.js'

export const probe: Node['probe'] = async (...args) => (await load()).probe(...args)
export const crop: Node['crop'] = async (...args) => (await load()).crop(...args)
export const make: Node['make'] = async (...args) => (await load()).make(...args)
export const verify: Node['verify'] = async (...args) => (await load()).verify(...args)
export const receive: Node['receive'] = async (...args) => (await load()).receive(...args)
/** Holds for what begins later, as there; the promise need not be waited for. */
export const configure = async (settings: Parameters<Node['configure']>[0]): Promise<void> => (await load()).configure(settings)

/** For `instanceof` alone: the errors are made by the module. */
export class TruecropError {
  static [Symbol.hasInstance](error: unknown): boolean {
    return error instanceof Error && error.name === 'TruecropError' && 'code' in error
  }
}
