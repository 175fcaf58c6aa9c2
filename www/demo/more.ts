/** The page with several pictures: the crops of one photo are a property, which HTML cannot set; and what the server has stored is shown. */

import type { TrueCrop } from '../element/true-crop.js'
import { ApiError, type Stored, uploadAll } from './api.js'

const $ = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T

await customElements.whenDefined('true-crop')
const element = $<TrueCrop>('crops')
element.crops = [
  { name: 'square', label: 'Square', outputs: [{ name: 'main', width: 512, height: 512 }] },
  {
    name: 'wide',
    label: 'Wide',
    outputs: [
      { name: 'large', width: 1280, height: 720 },
      { name: 'small', width: 320, height: 180 },
    ],
  },
  { name: 'story', label: 'Story', outputs: [{ name: 'main', width: 540, height: 960 }] },
]

$('form').addEventListener('submit', (event) => {
  event.preventDefault()
  void send(new FormData($<HTMLFormElement>('form')))
})

async function send(form: FormData): Promise<void> {
  const button = $<HTMLButtonElement>('upload')
  if ([...form].length === 0) return show('plain', 'Nothing to upload', 'Choose a photo in one of the three places first.')
  button.disabled = true
  try {
    const stored = await uploadAll(form)
    const count = Object.keys(stored).length
    show('good', 'Verified and stored', count === 1 ? 'One picture.' : `${count} pictures, all of them or none.`, stored)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    show('bad', 'Refused', `${error.problem.detail} Nothing was stored.`)
  } finally {
    button.disabled = false
  }
}

function show(kind: string, title: string, text: string, stored: Record<string, Stored> = {}): void {
  const card = $('verdict')
  card.hidden = false
  card.dataset.kind = kind
  $('verdict-title').textContent = title
  $('verdict-text').textContent = text
  const pictures = Object.entries(stored).flatMap(([name, { outputs }]) =>
    outputs.map((output) => picture(outputs.length > 1 ? `${name}, ${output.name}` : name, output.url)),
  )
  $('pictures').replaceChildren(...pictures)
  card.focus({ preventScroll: true })
  card.scrollIntoView({ block: 'nearest' })
}

/** A stored picture, as the server gives it. */
function picture(name: string, url: string): HTMLElement {
  const [item, link, image] = [document.createElement('li'), document.createElement('a'), new Image()]
  Object.assign(link, { href: url, target: '_blank', rel: 'noopener' })
  image.alt = ''
  image.src = url
  link.append(image, name)
  item.append(link)
  return item
}
