// The wrappers, mounted by their frameworks. Each case leaves what it saw in `window.seen`: what must be equal, and a recipe with the digest of its picture, which Node makes too.
import { reactCases } from './react.js'
import { svelteCases } from './svelte.js'
import { vueCases } from './vue.js'

async function run() {
  const file = new File([await (await fetch('photo.jpg')).arrayBuffer()], 'photo.jpg', { type: 'image/jpeg' })
  const seen = []
  for (const [name, work] of [...reactCases, ...vueCases, ...svelteCases]) {
    const place = document.createElement('div')
    document.body.append(place)
    seen.push(
      await work(place, file).then(
        (row) => ({ name, ...row }),
        (error) => ({ name, error: `${error?.stack ?? error}` }),
      ),
    )
    place.remove()
  }
  return seen
}

run().then((seen) => (window.seen = seen))
