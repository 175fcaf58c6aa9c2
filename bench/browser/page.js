// In the page: truecrop by its public client, the peers of the worker by messages, pica and cropperjs here, where they must run.
import Cropper from 'cropperjs'
import pica from 'pica'

const SIZE = 512
const { openPhoto } = await import('/index.js')
const worker = new Worker('/bench/worker.js', { type: 'module' })
const jpeg = (canvas) => new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85))
const picked = () => document.querySelector('#file').files[0]
let picture

async function timed(work) {
  const start = performance.now()
  const result = await work()
  return [performance.now() - start, result]
}

/** Starts the worker and compiles the module; what that took beyond opening the photo again. */
async function start() {
  const open = async () => (await openPhoto(picked())).close()
  const [cold] = await timed(open)
  const [warm] = await timed(open)
  return cold - warm
}

async function crop({ zoom, center }) {
  const photo = await openPhoto(picked())
  picture = photo.facts
  const { crop } = await photo.solve({ zoom, center, rotate: 0, flip: 'none' }, [1, 1])
  await photo.close()
  return crop
}

/** A photo opened anew, its first crop and its second: `took` within the worker, `trip` as the page waits. */
async function truecrop(crop) {
  const outputs = [{ name: 'main', width: SIZE, height: SIZE, format: 'jpeg', quality: 85 }]
  const render = (photo) => timed(() => photo.render({ truecrop: 1, crop, outputs }))
  const [open, photo] = await timed(() => openPhoto(picked()))
  const [first, made] = await render(photo)
  const [second, again] = await render(photo)
  await photo.close()
  return {
    first: { took: made.took, trip: open + first },
    again: { took: again.took, trip: second },
    memory: again.memory,
  }
}

const byWorker = (who) => (crop) =>
  new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data)
    worker.postMessage({ who, file: picked(), crop, size: SIZE, picture: { width: picture.width, height: picture.height } })
  })

const resizer = pica()

async function byPica({ x, y, width, height }) {
  const bitmap = await createImageBitmap(picked())
  const cut = Object.assign(document.createElement('canvas'), { width: Math.floor(width), height: Math.floor(height) })
  cut.getContext('2d').drawImage(bitmap, -Math.floor(x), -Math.floor(y))
  bitmap.close()
  const small = Object.assign(document.createElement('canvas'), { width: SIZE, height: SIZE })
  await jpeg(await resizer.resize(cut, small, { filter: 'lanczos3' }))
  cut.width = 0
}

async function byCropper({ x, y, width, height }) {
  const image = document.createElement('img')
  document.querySelector('#stage').replaceChildren(image)
  image.src = URL.createObjectURL(picked())
  const cropper = await new Promise((resolve) => {
    const made = new Cropper(image, { viewMode: 1, autoCropArea: 1, ready: () => resolve(made) })
  })
  cropper.setData({ x, y, width, height })
  await jpeg(cropper.getCroppedCanvas({ width: SIZE, height: SIZE, imageSmoothingQuality: 'high' }))
  cropper.destroy()
  URL.revokeObjectURL(image.src)
}

const here = (work) => async (crop) => ({ ms: (await timed(() => work(crop)))[0] })

const peers = {
  canvas: byWorker('canvas'),
  decoder: byWorker('decoder'),
  jsquash: byWorker('jsquash'),
  vips: byWorker('vips'),
  pica: here(byPica),
  cropperjs: here(byCropper),
}

globalThis.bench = { start, crop, truecrop, peer: (who, crop) => peers[who](crop) }
