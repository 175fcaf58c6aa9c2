import AwsS3 from '@uppy/aws-s3'
import Uppy from '@uppy/core'
import Dashboard from '@uppy/dashboard'
import '@uppy/core/css/style.min.css'
import '@uppy/dashboard/css/style.min.css'
import { TrueCropUppy } from 'truecrop/uppy'
import { TrueCropEditor } from 'truecrop/uppy/editor'

const uppy = new Uppy({ restrictions: { maxNumberOfFiles: 1, allowedFileTypes: ['image/*'] } })
  .use(Dashboard, { inline: true, target: '#uppy' })
  .use(TrueCropUppy, { name: 'avatar', width: 256, height: 256 })
  .use(TrueCropEditor)

// Each file is announced to the server, goes into the bucket by a presigned PUT, and is judged there.
uppy.use(AwsS3, uppy.getPlugin('TrueCrop').s3Options())

uppy.on('complete', async ({ successful: [file] }) => {
  if (!file) return
  const { id, outputs } = file.response.body.images.avatar
  const response = await fetch('/avatar', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id }),
  })
  const status = document.querySelector('[role=status]')
  if (!response.ok) return (status.textContent = (await response.json()).detail)
  const picture = Object.assign(new Image(), { src: outputs[0].url, alt: 'Your avatar' })
  status.replaceChildren('Saved.', document.createElement('br'), picture)
})
