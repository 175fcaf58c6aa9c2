import Croppie from 'croppie'
import 'croppie/croppie.css'
import { openPhoto } from 'truecrop'
import { toRecipe } from 'truecrop/adapters/croppie'

const form = document.querySelector('form')
const input = form.querySelector('input')
const croppie = new Croppie(form.querySelector('.editor'), {
  viewport: { width: 256, height: 256 },
  boundary: { width: 320, height: 320 },
})

input.addEventListener('change', async () => {
  try {
    await croppie.bind({ url: URL.createObjectURL(input.files[0]) })
  } catch {
    report('The browser cannot show this file.')
  }
})

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  try {
    report(await save(input.files[0]))
  } catch (error) {
    report(error.message)
  }
})

// What is new: the picture is made from the file, in a worker, by Croppie's data.
async function save(file) {
  const photo = await openPhoto(file)
  const { recipe } = toRecipe(croppie.get(), { source: photo.facts, width: 256, height: 256 })
  const result = await photo.render(recipe)
  const response = await fetch('/avatar', { method: 'POST', body: result.toFormData('avatar') })
  await photo.close()
  return response.ok ? 'Saved.' : (await response.json()).detail
}

function report(text) {
  form.querySelector('[role=status]').textContent = text
}
