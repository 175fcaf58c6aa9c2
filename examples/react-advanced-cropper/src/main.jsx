import { useEffect, useRef, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { Cropper } from 'react-advanced-cropper'
import 'react-advanced-cropper/dist/style.css'
import { openPhoto } from 'truecrop'
import { toRecipe } from 'truecrop/adapters/react-advanced-cropper'

const STENCIL = { aspectRatio: 1 }

function Avatar() {
  const [file, setFile] = useState()
  const [image, setImage] = useState()
  const [answer, setAnswer] = useState('')
  const cropper = useRef(null)

  useEffect(() => () => URL.revokeObjectURL(image), [image])

  function choose({ target }) {
    setFile(target.files[0])
    setImage(URL.createObjectURL(target.files[0]))
  }

  function submit(event) {
    event.preventDefault()
    save().catch((error) => setAnswer(error.message))
  }

  // What is new: the picture is made from the file, in a worker, by the cropper's data.
  async function save() {
    const photo = await openPhoto(file)
    const { recipe } = toRecipe(cropper.current.getState(), { source: photo.facts, width: 256, height: 256 })
    const result = await photo.render(recipe)
    const response = await fetch('/avatar', { method: 'POST', body: result.toFormData('avatar') })
    await photo.close()
    setAnswer(response.ok ? 'Saved.' : (await response.json()).detail)
  }

  return (
    <form onSubmit={submit}>
      <p>
        <label>
          Photo <input type="file" accept="image/*" required onChange={choose} />
        </label>
      </p>
      <Cropper ref={cropper} src={image} stencilProps={STENCIL} checkOrientation={false} style={{ height: 300 }} />
      <p>
        <button>Save</button>
      </p>
      <p role="status">{answer}</p>
    </form>
  )
}

createRoot(document.getElementById('app')).render(<Avatar />)
