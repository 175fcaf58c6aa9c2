import 'filepond/dist/filepond.css'
import { create } from 'filepond'
import { trueCropServer } from 'truecrop/filepond'

// The server is truecrop's own; yours confirms the `id` that FilePond keeps in its hidden field.
create(document.querySelector('input'), {
  server: trueCropServer({ name: 'avatar', width: 256, height: 256, onUploaded: saved }),
})

function saved() {
  document.querySelector('[role=status]').textContent = 'Saved.'
}
