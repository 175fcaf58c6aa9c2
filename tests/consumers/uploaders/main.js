// Uppy and FilePond as they are, with truecrop in them, against truecrop's own server, on another origin. What was stored is read again; what was seen is left in `window.seen`.
import Uppy from '@uppy/core'
import XHRUpload from '@uppy/xhr-upload'
import { create } from 'filepond'
import { trueCropServer } from 'truecrop/filepond'
import { TrueCropUppy } from 'truecrop/uppy'

const endpoint = new URLSearchParams(location.search).get('server')
const at = (address) => new URL(address, endpoint)
const VIEW = { zoom: 2, center: { x: 0.4, y: 0.6 }, rotate: 0, flip: 'none' }

async function sha(blob) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** What the server has of an upload: the recipe that its receipt tells, and the picture's digest. */
async function stored({ outputs, receipt, verdict }) {
  const told = await (await fetch(at(receipt.url))).json()
  const { crop, view } = told
  const specs = told.outputs.map(({ name, width, height, format, quality }) => ({ name, width, height, format, quality }))
  const recipe = { truecrop: 1, crop, rotate: view.rotate, flip: view.flip, outputs: specs }
  return { recipe, digest: await sha(await (await fetch(at(outputs[0].url))).blob()), zoom: view.zoom, level: verdict?.level }
}

const uppyWith = (options) =>
  new Uppy({ autoProceed: false })
    .use(TrueCropUppy, { width: 120, height: 90, ...options })
    .use(XHRUpload, { endpoint: at('/v1/images').href })

const CASES = [
  [
    'Uppy and XHRUpload',
    async (file) => {
      const uppy = uppyWith({ name: 'avatar' })
      const progress = []
      uppy.on('preprocess-progress', (_, { value }) => progress.push(value))
      const id = uppy.addFile({ name: 'holiday.jpeg', type: file.type, data: file, meta: { caption: 'a field of the form' } })
      uppy.getPlugin('TrueCrop').setView(id, VIEW)
      const { successful, failed } = await uppy.upload()
      const { images } = successful[0].response.body
      const row = await stored(images.avatar)
      uppy.destroy()
      const { name, size, type } = successful[0]
      const equal = [
        [failed.length, 0],
        [
          [name, type],
          ['holiday.jpg', 'image/jpeg'],
        ],
        [size < file.size, true],
        [row.zoom.toFixed(1), '2.0'],
        [progress[0] === 0 && progress.every((value, i) => i === 0 || value >= progress[i - 1]), true],
      ]
      return { ...row, equal }
    },
  ],
  [
    'Uppy, three files, one of which is no picture',
    async (file) => {
      const uppy = uppyWith({})
      for (const name of ['a.jpg', 'b.jpg']) uppy.addFile({ name, type: file.type, data: file })
      uppy.addFile({ name: 'c.jpg', type: file.type, data: new Blob(['no picture'], { type: 'image/jpeg' }) })
      const told = []
      uppy.on('upload-error', (failed, error) => told.push(`${failed.name}: ${error.message}`))
      const { successful } = await uppy.upload()
      const rows = await Promise.all(successful.map(({ response }) => stored(response.body.images.main)))
      const retried = uppy.getFiles().find(({ name }) => name === 'c.jpg')
      uppy.destroy()
      const equal = [
        [successful.map(({ name }) => name), ['a.jpg', 'b.jpg']],
        [told.length === 1 && told[0].startsWith('c.jpg: '), true],
        [Boolean(retried.error), true],
        [rows[0].digest === rows[1].digest, true],
      ]
      return { ...rows[0], equal }
    },
  ],
  [
    'FilePond',
    async (file) => {
      const input = document.createElement('input')
      input.type = 'file'
      document.body.append(input)
      let answer
      const options = {
        name: 'avatar',
        width: 120,
        height: 90,
        sendSource: true,
        endpoint,
        way: 'form',
        onUploaded: (uploaded) => (answer = uploaded),
      }
      const pond = create(input, { server: trueCropServer(options), instantUpload: false })
      await pond.addFile(file, { metadata: { truecrop: VIEW } })
      const done = await pond.processFile()
      const row = await stored(answer.images.avatar)
      const equal = [
        [done.serverId, answer.images.avatar.id],
        [row.zoom.toFixed(1), '2.0'],
        [answer.images.avatar.level, 'source'],
      ]
      pond.destroy()
      return { ...row, equal }
    },
  ],
  [
    'FilePond, no picture, and what the server refuses',
    async (file) => {
      const told = []
      for (const [width, sent] of [
        [120, new File(['no picture'], 'x.jpg', { type: 'image/jpeg' })],
        [300, file],
      ]) {
        const input = document.createElement('input')
        input.type = 'file'
        document.body.append(input)
        const server = trueCropServer({ width, height: 90, endpoint, way: 'form' })
        let pond
        const failed = new Promise((resolve) => {
          pond = create(input, { server, instantUpload: false, onerror: (error) => resolve(String(error.body)) })
        })
        await pond.addFile(sent)
        pond.processFile().catch(() => undefined)
        told.push(await failed)
        pond.destroy()
      }
      const equal = [
        [/unknown format/.test(told[0]), true],
        [/shape/.test(told[1]), true],
      ]
      return { equal }
    },
  ],
]

async function run() {
  const file = new File([await (await fetch('photo.jpg')).arrayBuffer()], 'photo.jpg', { type: 'image/jpeg' })
  const seen = []
  for (const [name, work] of CASES) {
    seen.push(
      await work(file).then(
        (row) => ({ name, ...row }),
        (error) => ({ name, error: `${error?.stack ?? error}` }),
      ),
    )
  }
  return seen
}

run().then((seen) => (window.seen = seen))
