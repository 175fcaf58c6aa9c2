// Serves the built page, checks what it sends, and keeps the picture with its receipt.
import { mkdir, writeFile } from 'node:fs/promises'
import express from 'express'
import { receive, toProblem } from 'truecrop/node'

const app = express()
app.use(express.static('dist'))

app.post('/avatar', async (request, response) => {
  try {
    const { pictures } = await receive(request, {
      required: ['avatar'],
      policy: { aspects: ['1:1'], formats: ['jpeg'], maxOutputSide: 256 },
    })
    await mkdir('uploads', { recursive: true })
    await writeFile('uploads/avatar.jpg', pictures.avatar.output.bytes)
    await writeFile('uploads/avatar.json', pictures.avatar.receipt)
    response.status(201).json({ digest: pictures.avatar.output.digest })
  } catch (error) {
    const { status, headers, body } = toProblem(error)
    if (status >= 500) console.error(error)
    response.status(status).set(headers).send(body)
  }
})

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`)
})
