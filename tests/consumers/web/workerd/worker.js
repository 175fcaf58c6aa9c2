// A worker of Cloudflare's kind: nothing may be compiled here, so the module is given, as an import.
import { configure, crop, probe, receive, verify } from 'truecrop/node'
import wasm from 'truecrop/core/all.wasm'

configure({ wasm })

const VIEW = { zoom: 2, center: { x: 0.4, y: 0.6 } }

async function sha(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export default {
  /** POST of a photo to /FORMAT: the digest of its crop, which an upload to this worker has passed on its way. */
  async fetch(request) {
    const format = new URL(request.url).pathname.slice(1)
    const photo = new Uint8Array(await request.arrayBuffer())
    const facts = await probe(photo)
    const made = await crop(photo, { width: 256, height: 256, format, ...VIEW })
    const form = made.toFormData('avatar')
    const { pictures } = await receive(new Request(request.url, { method: 'POST', body: form }), { required: ['avatar'] })
    const { level } = await verify({ receipt: pictures.avatar.receipt, outputs: pictures.avatar.output.bytes, source: photo })
    return Response.json({ digest: await sha(pictures.avatar.output.bytes), format: facts.format, level })
  },
}
