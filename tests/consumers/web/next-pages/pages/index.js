import { useEffect } from 'react'
import { run } from '../app.js'

export default function Page() {
  useEffect(() => {
    run().then((seen) => (window.seen = seen))
  }, [])
  return <p>A consumer of truecrop</p>
}
