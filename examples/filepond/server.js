// Serves the built page, and sends what begins with /v1 to truecrop's own server, which is started beside it.
import { spawn } from 'node:child_process'
import { preview } from 'vite'

const port = Number(process.env.PORT ?? 3000)
const pictures = `127.0.0.1:${port + 1}`

const server = spawn('truecrop', ['serve', '--config', 'truecrop.toml', '--listen', pictures], { stdio: 'inherit' })
server.on('error', () => console.error('The binary "truecrop" is not there: README.md says how to build it.'))
server.on('exit', (code) => process.exit(code ?? 1))
process.on('SIGTERM', () => server.kill())

const page = await preview({
  preview: { host: '127.0.0.1', port, strictPort: true, proxy: { '/v1': `http://${pictures}` } },
})
page.printUrls()
