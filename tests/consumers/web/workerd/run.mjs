// Starts workerd with the bundled worker, sends it the photos, and writes the digests that it answers.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address()
    probe.close(() => resolve(port))
  })
})
const child = spawn('node_modules/.bin/workerd', ['serve', 'config.capnp', '-s', `http=127.0.0.1:${port}`], { stdio: 'inherit' })

/** Asks until workerd answers. */
async function digestOf(name, format) {
  const body = readFileSync(name)
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/${format}`, { method: 'POST', body })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`workerd answered ${answer.status}: ${text}`)
      const { digest, level } = JSON.parse(text)
      if (level !== 'source') throw new Error(`workerd proves ${level} only`)
      return digest
    } catch (error) {
      if (error.cause?.code !== 'ECONNREFUSED' || tries === 300 || child.exitCode !== null) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

try {
  const jpeg = await digestOf('photo.jpg', 'jpeg')
  const png = await digestOf('photo.png', 'png')
  const heic = await digestOf('photo.heic', 'jpeg')
  const heicToPng = await digestOf('photo.heic', 'png')
  writeFileSync('digests.json', JSON.stringify({ client: jpeg, element: jpeg, core: jpeg, png, heic, heicToPng }))
} finally {
  child.kill()
}
