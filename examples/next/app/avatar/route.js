// Checks the form by the engine that has made the picture, and keeps picture and receipt.
import { mkdir, writeFile } from 'node:fs/promises'
import { problemResponse, receive } from 'truecrop/node'

export async function POST(request) {
  try {
    const { pictures, fields } = await receive(request, {
      required: ['avatar'],
      policy: { aspects: ['1:1'], formats: ['jpeg'], maxOutputSide: 256 },
    })
    await mkdir('uploads', { recursive: true })
    await writeFile('uploads/avatar.jpg', pictures.avatar.output.bytes)
    await writeFile('uploads/avatar.json', pictures.avatar.receipt)
    const location = `/?${new URLSearchParams({ saved: fields.get('nickname') ?? '' })}`
    return new Response(null, { status: 303, headers: { location } })
  } catch (error) {
    return problemResponse(error)
  }
}
