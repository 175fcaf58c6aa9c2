import { useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import ReactCrop, { centerCrop, makeAspectCrop } from 'react-image-crop'
import 'react-image-crop/dist/ReactCrop.css'
import { openPhoto } from 'truecrop'
import { toRecipe } from 'truecrop/adapters/react-image-crop'

/** The largest square in the middle. */
function middle({ width, height }) {
  return centerCrop(makeAspectCrop({ unit: '%', width: 90 }, 1, width, height), width, height)
}

function Avatar() {
  const [file, setFile] = useState()
  const [image, setImage] = useState()
  const [crop, setCrop] = useState()
  const [answer, setAnswer] = useState('')

  useEffect(() => () => URL.revokeObjectURL(image), [image])

  function choose({ target }) {
    setFile(target.files[0])
    setImage(URL.createObjectURL(target.files[0]))
  }

  function submit(event) {
    event.preventDefault()
    save().catch((error) => setAnswer(error.message))
  }

  // What is new: the picture is made from the file, in a worker, by the crop.
  async function save() {
    const photo = await openPhoto(file)
    const { recipe } = toRecipe(crop, { source: photo.facts, width: 256, height: 256 })
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
      {image && (
        <ReactCrop aspect={1} crop={crop} onChange={(_, percent) => setCrop(percent)}>
          <img src={image} alt="Your photo" style={{ maxHeight: 300 }} onLoad={({ target }) => setCrop(middle(target))} />
        </ReactCrop>
      )}
      <p>
        <button>Save</button>
      </p>
      <p role="status">{answer}</p>
    </form>
  )
}

createRoot(document.getElementById('app')).render(<Avatar />)
