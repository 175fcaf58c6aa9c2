// Other croppers as they are: each shows a photo and is moved by its own functions. What it gives becomes a recipe by its adapter; the picture that truecrop makes
// of it is compared with the one that the cropper itself draws. What was seen is left in `window.seen`.
import { openPhoto } from 'truecrop'
import { cropperjs1, cropperjs2, croppie } from './plain.js'
import { advancedCropper, easyCrop, imageCrop } from './react.js'

const outputs = (canvas) => [{ name: 'main', width: canvas.width, height: canvas.height, format: 'png' }]

/** Mean difference of two pictures in levels, where both are moved against each other by `shift` pixels. */
function difference(a, b, shift) {
  let [sum, count] = [0, 0]
  for (let y = 0; y + shift < a.height; y += 1) {
    for (let x = 0; x + shift < a.width; x += 1) {
      const [i, j] = [(y * a.width + x) * 4, ((y + shift) * a.width + x + shift) * 4]
      for (let c = 0; c < 3; c += 1) sum += Math.abs(a.data[i + c] - b.data[j + c])
      count += 3
    }
  }
  return sum / count
}

async function pixels(source, width, height) {
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')
  context.drawImage(source, 0, 0)
  return context.getImageData(0, 0, width, height)
}

const sha = async (bytes) => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** One case: `show` gives `{canvas, recipe}`, where `recipe` makes a recipe for outputs of the canvas's size. */
async function compared(name, file, show) {
  const frame = document.createElement('div')
  frame.className = 'frame'
  document.body.append(frame)
  const url = URL.createObjectURL(file)
  try {
    const photo = await openPhoto(file)
    const { canvas, recipe: recipeFor } = await show(frame, url, photo.facts)
    const { recipe, moved } = recipeFor(outputs(canvas))
    const result = await photo.render(recipe)
    const bytes = await result.outputs[0].arrayBuffer()
    const own = await pixels(await createImageBitmap(result.outputs[0]), canvas.width, canvas.height)
    const other = await pixels(canvas, canvas.width, canvas.height)
    await photo.close()
    const [same, apart] = [difference(own, other, 0), difference(own, other, 4)]
    return { name, recipe, moved, digest: await sha(bytes), same, apart, size: [canvas.width, canvas.height] }
  } catch (error) {
    return { name, error: `${error?.code ?? error?.name}: ${error?.message}` }
  } finally {
    frame.remove()
    URL.revokeObjectURL(url)
  }
}

async function run() {
  const photo = async (name) => new File([await (await fetch(name)).arrayBuffer()], name, { type: 'image/jpeg' })
  const files = { 'photo.jpg': await photo('photo.jpg'), 'phone.jpg': await photo('phone.jpg') }
  const seen = []
  for (const [name, file, show] of [...cropperjs1, ...cropperjs2, ...croppie, ...easyCrop, ...imageCrop, ...advancedCropper]) {
    seen.push({ file, ...(await compared(name, files[file], show)) })
  }
  return seen
}

run().then(
  (seen) => (window.seen = seen),
  (error) => (window.seen = [{ name: 'all', error: String(error) }]),
)
