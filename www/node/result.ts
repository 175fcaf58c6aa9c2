/** What callers get of finished files. */

import type { Output, OutputFacts, Receipt, Verdict } from './types.js'

/** The facts of a receipt's outputs, with their bytes. */
export function outputsOf(facts: readonly OutputFacts[], bytes: readonly Uint8Array<ArrayBuffer>[]): Output[] {
  return facts.map(({ name, width, height, format, digest }, index) => {
    const own = bytes[index] ?? new Uint8Array()
    return { name, type: `image/${format}`, width, height, format, digest, bytes: own }
  })
}

/** The outputs of a recipe and their receipt. */
export class Cropped {
  /** Canonical JSON: send it, or store it, unchanged. */
  readonly receipt: string
  /** The same, parsed. */
  readonly facts: Receipt
  /** In the recipe's order. */
  readonly outputs: readonly Output[]
  /** The only output, or the first. */
  readonly output: Output
  /** What was proved: of {@link make}. */
  readonly verdict: Verdict | undefined

  constructor(receipt: string, bytes: readonly Uint8Array<ArrayBuffer>[], verdict?: Verdict) {
    this.receipt = receipt
    this.facts = JSON.parse(receipt) as Receipt
    this.outputs = outputsOf(this.facts.outputs, bytes)
    this.output = this.outputs[0] as Output
    this.verdict = verdict
  }

  /** The body of an upload, as a page sends it: `NAME.receipt`, and `NAME`, or `NAME.OUTPUT` for each of several. */
  toFormData(name = 'main'): FormData {
    const form = new FormData()
    form.append(`${name}.receipt`, new Blob([this.receipt], { type: 'application/json' }), 'receipt.json')
    for (const output of this.outputs) {
      const part = this.outputs.length === 1 ? name : `${name}.${output.name}`
      const ending = output.format === 'jpeg' ? 'jpg' : output.format
      form.append(part, new Blob([output.bytes], { type: output.type }), `${output.name}.${ending}`)
    }
    return form
  }
}
