// The application: its page and its own back end. What begins with /v1 goes to truecrop's server, which is started beside it.
import { spawn } from 'node:child_process'
import express from 'express'
import { createProxyMiddleware } from 'http-proxy-middleware'

const API_KEY = 'change-this-here-and-in-server.js'
const port = Number(process.env.PORT ?? 3000)
const listen = `127.0.0.1:${port + 1}`
const pictures = `http://${listen}`

const server = spawn('truecrop', ['serve', '--config', 'truecrop.toml', '--listen', listen], { stdio: 'inherit' })
server.on('error', () => console.error('The binary "truecrop" is not there: README.md says how to build it.'))
server.on('exit', (code) => process.exit(code ?? 1))
process.on('SIGTERM', () => server.kill())

const app = express()
app.use(express.static('dist'))
app.use(createProxyMiddleware({ target: pictures, pathFilter: '/v1' }))

// The picture is kept when the application uses it; otherwise the server sweeps it after a day.
app.post('/avatar', express.json(), async (request, response) => {
  const confirmed = await fetch(`${pictures}/v1/images/${encodeURIComponent(request.body.id)}/confirm`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}` },
  })
  response.status(confirmed.status).json(await confirmed.json())
})

app.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/`))
