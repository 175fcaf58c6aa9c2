/** Forged uploads for the demo: what somebody between the browser and the server might try. */

import type { Result } from '../client/index.js'

export type Forgery = 'byte' | 'receipt' | 'sealed' | 'hidden' | 'size' | 'missing'

interface Receipt {
  crop: { x: number; y: number; width: number; height: number }
  outputs: { name: string; width: number; height: number; bytes: number; digest: string }[]
  digest: string
}

/** The body of the upload, with one thing forged. */
export async function forge(result: Result, forgery: Forgery): Promise<FormData> {
  const receipt = JSON.parse(result.receipt) as Receipt
  const [file] = result.outputs
  const [facts] = receipt.outputs
  if (!file || !facts) throw new Error('nothing to forge')
  const bytes = new Uint8Array(await file.arrayBuffer())
  switch (forgery) {
    case 'byte': {
      const middle = bytes.length >> 1
      bytes[middle] = (bytes[middle] ?? 0) ^ 1
      return body(result.receipt, result, bytes)
    }
    case 'receipt':
      // The first byte of the source's digest: without the source, nothing but the receipt's own digest can reveal this.
      return body(
        result.receipt.replace(/("source":.*?sha-256=:)(.)/s, (_, head, byte) => head + (byte === 'A' ? 'B' : 'A')),
        result,
        bytes,
      )
    case 'sealed':
      return body(await seal(moved(receipt)), result, bytes)
    case 'hidden': {
      const longer = new Uint8Array([...bytes, ...new TextEncoder().encode('<script>alert(1)</script>')])
      facts.bytes = longer.length
      facts.digest = await digest(longer)
      return body(await seal(receipt), result, longer)
    }
    case 'size':
      facts.width *= 2
      facts.height *= 2
      return body(await seal(receipt), result, bytes)
    case 'missing':
      return body(result.receipt, result, undefined)
  }
}

/** The receipt with its crop moved by one pixel. */
function moved(receipt: Receipt): Receipt {
  return { ...receipt, crop: { ...receipt.crop, x: receipt.crop.x + 1 } }
}

function body(receipt: string, result: Result, picture: Uint8Array<ArrayBuffer> | undefined): FormData {
  const form = result.toFormData()
  form.set('main.receipt', new File([receipt], 'receipt.json', { type: 'application/json' }))
  const [file] = result.outputs
  // Of several outputs the first is forged.
  const part = result.outputs.length === 1 ? 'main' : `main.${result.names[0]}`
  if (file && picture) form.set(part, new File([picture], file.name, { type: file.type }))
  else form.delete(part)
  return form
}

/** The receipt with a new digest that matches it. */
async function seal(receipt: Receipt): Promise<string> {
  const { digest: _, ...rest } = receipt
  return canonical({ ...rest, digest: await digest(new TextEncoder().encode(canonical(rest))) })
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `sha-256=:${btoa(String.fromCharCode(...hash))}:`
}

/** RFC 8785: members sorted by UTF-16 code units, numbers as JavaScript writes them. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`
}
