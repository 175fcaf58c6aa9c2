import Uppy from '@uppy/core'
import XHRUpload from '@uppy/xhr-upload'
import 'truecrop/element/define'
import { TrueCropUppy } from 'truecrop/uppy'

const uppy = new Uppy({ restrictions: { maxNumberOfFiles: 1 } })
  .use(TrueCropUppy, { name: 'avatar', width: 256, height: 256 })
  .use(XHRUpload, { endpoint: '/avatar' })

// Uppy has the file; the element is its editor.
const crop = document.querySelector('true-crop')
let id

document.querySelector('input').addEventListener('change', ({ target }) => {
  const [file] = target.files
  uppy.clear()
  id = uppy.addFile({ name: file.name, type: file.type, data: file })
  crop.file = file
})
crop.addEventListener('change', ({ detail }) => uppy.getPlugin('TrueCrop').setResult(id, detail.result))

document.querySelector('button').addEventListener('click', async () => {
  const { successful, failed } = await uppy.upload()
  document.querySelector('[role=status]').textContent = successful.length === 1 ? 'Saved.' : failed[0].error
})
