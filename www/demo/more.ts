/** The page with several pictures: the crops of one photo are a property, which HTML cannot set. */

import type { TrueCrop } from '../element/true-crop.js'

await customElements.whenDefined('true-crop')
const element = document.getElementById('crops') as TrueCrop
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
