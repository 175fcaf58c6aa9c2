// Only compiled: the types of `require('truecrop/node')`.
import node = require('truecrop/node')

export const verified = (receipt: string, picture: Uint8Array): Promise<node.Verdict> =>
  node.verify({ receipt, outputs: picture }, { level: 'result', policy: { formats: ['jpeg'] } })
export const code = (error: unknown): string | undefined => (error instanceof node.TruecropError ? error.code : undefined)
