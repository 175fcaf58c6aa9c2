// The real server as a process that can be killed, and a way to it that is cut.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'

export async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

const running = new Set()
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** Starts the server over a store. */
export async function startServer(binary, folder, { port = 0, top = '', config = '' } = {}) {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'truecrop.toml')
  writeFileSync(file, `listen = "127.0.0.1:${port}"\nstore = "${join(folder, 'store')}"\naccess_log = false\n${top}${config}`)
  const child = spawn(binary, ['serve', '--config', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, RUST_LOG: 'info' },
  })
  running.add(child)
  let log = ''
  const url = await new Promise((resolve, reject) => {
    child.stderr.on('data', (text) => {
      log += text
      const [, address] = /listening on (http:\/\/\S+)/.exec(log) ?? []
      if (address) resolve(address)
    })
    child.once('exit', () => reject(new Error(`The server ended: ${log}`)))
  })
  const stop = async (signal) => {
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
    running.delete(child)
  }
  return { url, port: Number(new URL(url).port), kill: () => stop('SIGKILL'), end: () => stop('SIGTERM') }
}

/** A way to a port that breaks off when these many bytes have passed in all. */
export async function cuttingProxy(port, cuts) {
  let passed = 0
  let cut = 0
  const open = new Set()
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    const close = () => {
      client.destroy()
      upstream.destroy()
    }
    open.add(close)
    client.on('data', (bytes) => {
      passed += bytes.length
      upstream.write(bytes)
      if (cut < cuts.length && passed >= cuts[cut]) {
        cut += 1
        close()
      }
    })
    upstream.on('data', (bytes) => client.write(bytes))
    for (const socket of [client, upstream]) socket.on('error', close).on('close', close)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const end = () => {
    open.forEach((close) => close())
    server.close()
  }
  return { url: `http://127.0.0.1:${server.address().port}`, cuts: () => cut, end }
}
