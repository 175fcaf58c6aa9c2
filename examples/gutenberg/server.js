// Serves the page and the package, checks what the page sends, and keeps the picture with its receipt.
import { mkdir, writeFile } from 'node:fs/promises'
import express from 'express'
import { receive, toProblem } from 'truecrop/node'

const app = express()
app.use(express.static('public'))
app.use('/truecrop', express.static('node_modules/truecrop/dist'))

app.post('/media', async (request, response) => {
  try {
    const { pictures } = await receive(request, {
      required: ['media'],
      policy: { formats: ['jpeg'], minOutputSide: 256, maxOutputSide: 2048 },
    })
    await mkdir('uploads', { recursive: true })
    await writeFile('uploads/media.jpg', pictures.media.output.bytes)
    await writeFile('uploads/media.json', pictures.media.receipt)
    response.status(201).json({ digest: pictures.media.output.digest })
  } catch (error) {
    const { status, headers, body } = toProblem(error)
    if (status >= 500) console.error(error)
    response.status(status).set(headers).send(body)
  }
})

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`)
})
