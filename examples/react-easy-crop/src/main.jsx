import { useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import Cropper from 'react-easy-crop'
import { openPhoto } from 'truecrop'
import { toRecipe } from 'truecrop/adapters/react-easy-crop'

function Avatar() {
  const [file, setFile] = useState()
  const [image, setImage] = useState()
  const [crop, setCrop] = useState({ x: 0, y: 0 })
  const [zoom, setZoom] = useState(1)
  const [croppedArea, setCroppedArea] = useState()
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

  // What is new: the picture is made from the file, in a worker, by the cropper's data.
  async function save() {
    const photo = await openPhoto(file)
    const { recipe } = toRecipe({ croppedArea, rotation: 0 }, { source: photo.facts, width: 256, height: 256 })
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
      <div style={{ position: 'relative', height: 300 }}>
        <Cropper
          image={image}
          aspect={1}
          crop={crop}
          zoom={zoom}
          onCropChange={setCrop}
          onZoomChange={setZoom}
          onCropComplete={setCroppedArea}
        />
      </div>
      <p>
        <button disabled={!croppedArea}>Save</button>
      </p>
      <p role="status">{answer}</p>
    </form>
  )
}

createRoot(document.getElementById('app')).render(<Avatar />)
