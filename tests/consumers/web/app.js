// The same application for every bundler: crops a picture in each way that the package has, and leaves what it saw in `window.seen`.
import { TruecropError, openPhoto } from 'truecrop'
import { TruecropError as ErrorOfCore, Session, init } from 'truecrop/core'
import { TruecropError as ErrorOfElement } from 'truecrop/element/define'

const VIEW = { zoom: 2, center: { x: 0.4, y: 0.6 }, rotate: 0, flip: 'none' }
const outputs = (format) => [{ name: 'main', width: 256, height: 256, format }]

const sha = async (bytes) => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
const photo = async (name) => new File([await (await fetch(`photo.${name}`)).arrayBuffer()], `photo.${name}`)

/** By the client: `openPhoto`. */
async function byClient(name, format) {
  const opened = await openPhoto(await photo(name))
  const { crop } = await opened.solve(VIEW, [1, 1])
  const result = await opened.render({ truecrop: 1, crop, outputs: outputs(format) })
  await opened.close()
  return sha(await result.outputs[0].arrayBuffer())
}

/** By the element, which has a property set before it is connected. */
async function byElement() {
  const element = document.createElement('true-crop')
  Object.assign(element, { width: 256, height: 256, view: VIEW })
  document.body.append(element)
  const changed = new Promise((resolve, reject) => {
    element.addEventListener('change', ({ detail }) => resolve(detail.result))
    element.addEventListener('truecrop-error', ({ detail }) => reject(detail))
  })
  element.file = await photo('jpg')
  return sha(await (await changed).outputs[0].arrayBuffer())
}

/** By the engine itself, on the page's own thread. */
async function byCore() {
  await init()
  const session = Session.fromBytes(await (await photo('jpg')).arrayBuffer())
  const { crop } = JSON.parse(session.solve(VIEW, 1, 1))
  const task = session.render({ truecrop: 1, crop, outputs: outputs('jpeg') })
  while (!task.advance());
  return sha(task.finish().bytes(0))
}

/** In modules of their own: HEIC to JPEG, and to what only the module with all formats makes. */
globalThis.cropHeic = async () => ({ heic: await byClient('heic', 'jpeg'), heicToPng: await byClient('heic', 'png') })

export async function run() {
  const seen = { digests: {}, error: undefined, oneError: TruecropError === ErrorOfCore && TruecropError === ErrorOfElement }
  try {
    seen.digests.client = await byClient('jpg', 'jpeg')
    seen.digests.element = await byElement()
    seen.digests.png = await byClient('png', 'png')
    seen.digests.core = await byCore()
  } catch (error) {
    seen.error = `${error?.name} ${error?.code ?? ''}: ${error?.message}`
  }
  return seen
}
