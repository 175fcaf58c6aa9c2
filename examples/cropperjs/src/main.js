import Cropper from 'cropperjs'
import 'cropperjs/dist/cropper.css'
import { openPhoto } from 'truecrop'
import { toRecipe } from 'truecrop/adapters/cropperjs'

const form = document.querySelector('form')
const input = form.querySelector('input')
const image = form.querySelector('img')
let cropper

input.addEventListener('change', () => {
  const url = URL.createObjectURL(input.files[0])
  if (cropper) return cropper.replace(url)
  image.src = url
  cropper = new Cropper(image, { aspectRatio: 1, viewMode: 1, checkOrientation: false })
})

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  try {
    report(await save(input.files[0]))
  } catch (error) {
    report(error.message)
  }
})

// What is new: the picture is made from the file, in a worker, by the cropper's data.
async function save(file) {
  const photo = await openPhoto(file)
  const { recipe } = toRecipe(cropper.getData(), { source: photo.facts, width: 256, height: 256 })
  const result = await photo.render(recipe)
  const response = await fetch('/avatar', { method: 'POST', body: result.toFormData('avatar') })
  await photo.close()
  return response.ok ? 'Saved.' : (await response.json()).detail
}

function report(text) {
  form.querySelector('[role=status]').textContent = text
}
