import { openPhoto } from 'truecrop'
import { toRecipe } from 'truecrop/adapters/gutenberg'

const form = document.querySelector('form')

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const [file] = form.querySelector('input').files
  try {
    report(await save(file, JSON.parse(form.querySelector('textarea').value)))
  } catch (error) {
    report(error.message)
  }
})

// What is new: the picture is made in the browser, by what the editor would send to WordPress.
async function save(file, edit) {
  const photo = await openPhoto(file)
  const { recipe } = toRecipe(edit, { source: photo.facts, width: 1024 })
  const result = await photo.render(recipe)
  const response = await fetch('/media', { method: 'POST', body: result.toFormData('media') })
  await photo.close()
  return response.ok ? 'Saved.' : (await response.json()).detail
}

function report(text) {
  form.querySelector('[role=status]').textContent = text
}
