'use client'

import { useEffect } from 'react'
import { run } from './app.js'

export function Crop() {
  useEffect(() => {
    run().then((seen) => (window.seen = seen))
  }, [])
  return null
}
