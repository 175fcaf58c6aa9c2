// Uppy and FilePond as they are, with truecrop in them, against truecrop's own server, on another origin. What was stored is read again; what was seen is left in `window.seen`.
import Uppy from '@uppy/core'
import AwsS3 from '@uppy/aws-s3'
import Dashboard from '@uppy/dashboard'
import Tus from '@uppy/tus'
import XHRUpload from '@uppy/xhr-upload'
import { create } from 'filepond'
import { trueCropServer } from 'truecrop/filepond'
import { TrueCropUppy } from 'truecrop/uppy'
import { TrueCropEditor } from 'truecrop/uppy/editor'

const parameters = new URLSearchParams(location.search)
const endpoint = parameters.get('server')
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

/** The plugin alone, for uploads that go elsewhere than in a form. */
const croppingUppy = (options) =>
  new Uppy({ autoProceed: false }).use(TrueCropUppy, { width: 120, height: 90, endpoint, ...options })

/** Uploads a photo and gives what was stored of it. */
async function uploaded(uppy, file, name) {
  const id = uppy.addFile({ name: 'holiday.jpeg', type: file.type, data: file })
  uppy.getPlugin('TrueCrop').setView(id, VIEW)
  const { successful, failed } = await uppy.upload()
  if (failed.length > 0) throw new Error(failed[0].error)
  const row = await stored(successful[0].response.body.images[name])
  uppy.destroy()
  return { ...row, equal: [[row.zoom.toFixed(1), '2.0']] }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function until(found) {
  for (;;) {
    const it = found()
    if (it) return it
    await sleep(50)
  }
}

const S3_CASES = [
  [
    'Uppy and AwsS3, into the bucket of the server',
    async (file) => {
      const uppy = croppingUppy({ name: 'avatar' })
      uppy.use(AwsS3, uppy.getPlugin('TrueCrop').s3Options())
      return uploaded(uppy, file, 'avatar')
    },
  ],
]

const FOLDER_CASES = [
  [
    'Uppy and Tus',
    async (file) =>
      uploaded(croppingUppy({ name: 'avatar' }).use(Tus, { endpoint: at('/v1/tus').href, chunkSize: 2000 }), file, 'avatar'),
  ],
  [
    'Uppy and Tus, and what the server refuses',
    async (file) => {
      const uppy = croppingUppy({ width: 90, height: 90 }).use(Tus, { endpoint: at('/v1/tus').href, retryDelays: [] })
      const told = []
      uppy.on('upload-error', (_, error, response) =>
        told.push(JSON.parse(response?.body?.xhr?.responseText ?? '{}').code ?? String(error)),
      )
      uppy.addFile({ name: 'a.jpg', type: file.type, data: file })
      const { failed } = await uppy.upload()
      uppy.destroy()
      return {
        equal: [
          [failed.length, 1],
          [told, ['policy-violation']],
        ],
      }
    },
  ],
  [
    "Uppy's Dashboard, with the editor",
    async (file) => {
      const place = document.createElement('div')
      document.body.append(place)
      const uppy = new Uppy({ autoProceed: false })
        .use(Dashboard, { inline: true, target: place })
        .use(TrueCropUppy, { name: 'avatar', width: 120, height: 90 })
        .use(TrueCropEditor)
        .use(XHRUpload, { endpoint: at('/v1/images').href })
      const told = []
      uppy.on('file-editor:start', () => told.push('start'))
      uppy.on('file-editor:complete', () => told.push('complete'))
      const id = uppy.addFile({ name: 'holiday.jpg', type: file.type, data: file })
      const edit = () => until(() => place.querySelector('.uppy-Dashboard-Item-action--edit')).then((button) => button.click())
      const element = () => until(() => [...place.querySelectorAll('true-crop')].find(({ state }) => state === 'ready'))
      await edit()
      const first = await element()
      first.view = VIEW
      await until(() => first.state === 'ready' && JSON.parse(first.result.receipt).view.zoom > 1.9)
      place.querySelector('[data-uppy-panelType=FileEditor] .uppy-DashboardContent-save').click()
      await until(() => !place.querySelector('true-crop'))
      const { preview } = uppy.getFile(id)
      // Opened again it is where it was; what is given up changes nothing.
      await edit()
      const again = await element()
      const zoom = again.view.zoom
      again.view = { ...VIEW, zoom: 1 }
      place.querySelector('[data-uppy-panelType=FileEditor] .uppy-DashboardContent-back').click()
      const { successful, failed } = await uppy.upload()
      if (failed.length > 0) throw new Error(failed[0].error)
      const row = await stored(successful[0].response.body.images.avatar)
      uppy.destroy()
      place.remove()
      const equal = [
        [row.zoom.toFixed(1), '2.0'],
        [zoom.toFixed(1), '2.0'],
        [preview.startsWith('blob:'), true],
        [told, ['start', 'complete', 'start']],
      ]
      return { ...row, equal }
    },
  ],
  [
    'FilePond, whose pictures are shown again, and taken back',
    async (file) => {
      const pondWith = (options) => {
        const input = document.createElement('input')
        input.type = 'file'
        document.body.append(input)
        const server = trueCropServer({ width: 120, height: 90, endpoint, way: 'form', revert: true })
        return create(input, { server, instantUpload: false, ...options })
      }
      const pond = pondWith({})
      await pond.addFile(file)
      const { serverId } = await pond.processFile()
      const shown = []
      for (const type of ['limbo', 'local']) {
        const again = pondWith({ files: [{ source: serverId, options: { type } }] })
        const item = await until(() => again.getFiles().find(({ file }) => file?.size > 0))
        shown.push([item.file.type, await sha(item.file)])
        again.destroy()
      }
      const state = async () => (await fetch(at(`/v1/images/${serverId}`))).status
      const { outputs } = await (await fetch(at(`/v1/images/${serverId}`))).json()
      const digest = await sha(await (await fetch(at(outputs[0].url))).blob())
      const before = await state()
      pond.removeFile({ revert: true })
      while ((await state()) !== 404) await sleep(50)
      pond.destroy()
      return {
        equal: [
          [before, 200],
          [
            shown,
            [
              ['image/jpeg', digest],
              ['image/jpeg', digest],
            ],
          ],
        ],
      }
    },
  ],
  [
    "FilePond alone, with the server's address, in one piece and in chunks",
    async (file) => {
      const crop = { x: 0, y: 0, width: 400, height: 300 }
      const outputs = [{ name: 'main', width: 120, height: 90, format: 'jpeg', quality: 85 }]
      const metadata = { truecrop: { recipe: { truecrop: 1, crop, outputs } } }
      const ids = []
      for (const options of [{}, { chunkUploads: true, chunkSize: 10_000 }]) {
        const input = document.createElement('input')
        input.type = 'file'
        document.body.append(input)
        const pond = create(input, { server: at('/v1/filepond').href, instantUpload: false, name: 'avatar', ...options })
        await pond.addFile(file, { metadata })
        ids.push((await pond.processFile()).serverId)
        pond.destroy()
      }
      const [whole, chunks] = ids
      const first = await stored(await (await fetch(at(`/v1/images/${whole}`))).json())
      // What came in chunks has the id of its upload, which tells the picture's.
      const { images } = await (await fetch(at(`/v1/uploads/${chunks}`))).json()
      const second = await stored(images.avatar)
      return {
        ...first,
        equal: [
          [first.digest === second.digest, true],
          [images.avatar.level, 'source'],
        ],
      }
    },
  ],
]

const FORM_CASES = [
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
  const cases = parameters.has('bucket') ? S3_CASES : [...FORM_CASES, ...FOLDER_CASES]
  for (const [name, work] of cases) {
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
