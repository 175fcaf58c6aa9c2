import 'cropperjs'
import { openPhoto } from 'truecrop'
import { toRecipe } from 'truecrop/adapters/cropperjs-2'

const form = document.querySelector('form')
const input = form.querySelector('input')
const image = form.querySelector('cropper-image')
const selection = form.querySelector('cropper-selection')

input.addEventListener('change', () => {
  image.src = URL.createObjectURL(input.files[0])
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
  const transform = image.$getTransform()
  const { recipe } = toRecipe({ transform, selection }, { source: photo.facts, width: 256, height: 256 })
  const result = await photo.render(recipe)
  const response = await fetch('/avatar', { method: 'POST', body: result.toFormData('avatar') })
  await photo.close()
  return response.ok ? 'Saved.' : (await response.json()).detail
}

function report(text) {
  form.querySelector('[role=status]').textContent = text
}
