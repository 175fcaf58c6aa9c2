import { useState } from 'react'
import { createRoot } from 'react-dom/client'
import { TrueCrop } from 'truecrop/react'

function Profile() {
  const [answer, setAnswer] = useState('')

  async function save(form) {
    const response = await fetch('/profile', { method: 'POST', body: form })
    const { nickname, detail } = await response.json()
    setAnswer(response.ok ? `Saved, ${nickname}.` : detail)
  }

  return (
    <form action={save}>
      <p>
        <label>
          Nickname <input name="nickname" required />
        </label>
      </p>
      <TrueCrop name="avatar" width={256} height={256} required />
      <TrueCrop name="cover" width={960} height={320} required />
      <button>Save</button>
      <p role="status">{answer}</p>
    </form>
  )
}

createRoot(document.getElementById('app')).render(<Profile />)
