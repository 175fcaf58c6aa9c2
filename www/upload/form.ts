/** The way through the server: one form. */

import type { Connection } from './connection.js'
import { located } from './located.js'
import type { Picture, Uploaded } from './types.js'

/** The parts of pictures, as the element would submit them, each with its source at the end. */
export function formOf(pictures: Record<string, Picture>): FormData {
  const form = new FormData()
  for (const [name, { result, source }] of Object.entries(pictures)) {
    if (result.receipt === '' && result.toFormData) {
      // Recipe and source: the server makes the picture.
      for (const [part, value] of result.toFormData(name)) form.append(part, value)
      continue
    }
    form.append(`${name}.receipt`, new File([result.receipt], 'receipt.json', { type: 'application/json' }))
    const part = (output: string): string => (result.outputs.length === 1 ? name : `${name}.${output}`)
    result.outputs.forEach((file, i) => form.append(part(result.names[i] ?? ''), file))
    // Without its own name, which may say more of a person than the picture does.
    if (source) form.append(`${name}.source`, source, 'source')
  }
  return form
}

export async function asForm(connection: Connection, form: FormData): Promise<Uploaded> {
  let total = 0
  for (const part of form.values()) total += typeof part === 'string' ? part.length : part.size
  // What the browser counts includes the frame of the form.
  const onSent = (bytes: number): void => {
    const loaded = Math.min(bytes, total)
    connection.tell({ phase: loaded < total ? 'sending' : 'checking', loaded, total })
  }
  return located(connection, await connection.ask<Uploaded>('POST', '/v1/images', { body: form, onSent }))
}
