// Checks the form by the engine that has made the picture, and keeps picture and receipt.
import { mkdir, writeFile } from 'node:fs/promises'
import { fail } from '@sveltejs/kit'
import { receive, toProblem } from 'truecrop/node'

export const actions = {
  async default({ request }) {
    try {
      const { pictures, fields } = await receive(request, {
        required: ['avatar'],
        policy: { aspects: ['1:1'], formats: ['jpeg'], maxOutputSide: 256 },
      })
      await mkdir('uploads', { recursive: true })
      await writeFile('uploads/avatar.jpg', pictures.avatar.output.bytes)
      await writeFile('uploads/avatar.json', pictures.avatar.receipt)
      return { nickname: fields.get('nickname') }
    } catch (error) {
      const { status, body } = toProblem(error)
      if (status >= 500) console.error(error)
      return fail(status, JSON.parse(body))
    }
  },
}
