// The croppers of React.
import { createElement as h, createRef } from 'react'
import { createRoot } from 'react-dom/client'
import { Cropper as Advanced } from 'react-advanced-cropper'
import 'react-advanced-cropper/dist/style.css'
import Easy from 'react-easy-crop'
import 'react-easy-crop/react-easy-crop.css'
import ImageCrop, { centerCrop, convertToPercentCrop, makeAspectCrop } from 'react-image-crop'
import 'react-image-crop/dist/ReactCrop.css'
import * as fromAdvanced from 'truecrop/adapters/react-advanced-cropper'
import * as fromEasy from 'truecrop/adapters/react-easy-crop'
import * as fromImageCrop from 'truecrop/adapters/react-image-crop'

/** Renders, and waits until `found` gives something. */
async function rendered(frame, element, found, what) {
  const root = createRoot(frame)
  root.render(element)
  for (const end = Date.now() + 10_000; Date.now() < end; ) {
    const value = found()
    if (value) return value
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`no ${what}`)
}

async function picture(url) {
  const img = new Image()
  img.src = url
  await img.decode()
  return img
}

/** As the documentation of react-easy-crop draws a crop: the turned picture in its bounding box, then the area of it. */
async function drawn(url, { x, y, width, height }, rotation) {
  const img = await picture(url)
  const angle = (rotation * Math.PI) / 180
  const [c, s] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))]
  const box = [img.naturalWidth * c + img.naturalHeight * s, img.naturalWidth * s + img.naturalHeight * c]
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width, height })
  const context = canvas.getContext('2d')
  context.translate(box[0] / 2 - x, box[1] / 2 - y)
  context.rotate(angle)
  context.drawImage(img, -img.naturalWidth / 2, -img.naturalHeight / 2)
  return canvas
}

const easy = (props, rotation) => async (frame, url, facts) => {
  let areas
  const given = { image: url, crop: { x: 0, y: 0 }, zoom: 1, aspect: 4 / 3, rotation, onCropChange: () => {}, ...props }
  const onCropAreaChange = (croppedArea, croppedAreaPixels) => (areas = { croppedArea, croppedAreaPixels, rotation })
  const data = await rendered(frame, h(Easy, { ...given, onCropAreaChange }), () => areas, 'area of react-easy-crop')
  const canvas = await drawn(url, data.croppedAreaPixels, rotation)
  return { canvas, recipe: (outputs) => fromEasy.toRecipe(data, { source: facts, outputs }) }
}

export const easyCrop = [
  ['react-easy-crop', 'photo.jpg', easy({ crop: { x: 30, y: -12 }, zoom: 2 }, 0)],
  ['react-easy-crop, turned', 'photo.jpg', easy({ zoom: 2.2 }, 20)],
  ['react-easy-crop, a phone’s photo', 'phone.jpg', easy({ zoom: 1.7 }, 90)],
]

const imageCropCase = (part) => async (frame, url, facts) => {
  const img = createRef()
  const { naturalWidth, naturalHeight } = await picture(url)
  const aspect = makeAspectCrop({ unit: '%', width: part }, 4 / 3, naturalWidth, naturalHeight)
  const crop = centerCrop(aspect, naturalWidth, naturalHeight)
  let given
  const element = h(ImageCrop, { crop, onChange: () => {} }, h('img', { src: url, ref: img }))
  await rendered(frame, element, () => img.current?.complete && frame.querySelector('.ReactCrop__crop-selection'), 'selection')
  given = convertToPercentCrop(crop, img.current.width, img.current.height)
  const pixels = { x: (crop.x / 100) * naturalWidth, y: (crop.y / 100) * naturalHeight }
  const size = { width: Math.round((crop.width / 100) * naturalWidth), height: Math.round((crop.height / 100) * naturalHeight) }
  const canvas = await drawn(url, { ...pixels, ...size }, 0)
  return { canvas, recipe: (outputs) => fromImageCrop.toRecipe(given, { source: facts, outputs }) }
}

export const imageCrop = [
  ['react-image-crop', 'photo.jpg', imageCropCase(60)],
  ['react-image-crop, a phone’s photo', 'phone.jpg', imageCropCase(75)],
]

const advanced = (move) => async (frame, url, facts) => {
  const cropper = createRef()
  const element = h(Advanced, { ref: cropper, src: url, style: { width: 400, height: 300 } })
  await rendered(frame, element, () => cropper.current?.getState()?.coordinates, 'state')
  move(cropper.current)
  await new Promise((resolve) => setTimeout(resolve, 500))
  const canvas = cropper.current.getCanvas()
  const data = JSON.parse(JSON.stringify(cropper.current.getState()))
  return { canvas, recipe: (outputs) => fromAdvanced.toRecipe(data, { source: facts, outputs, orientation: facts.orientation }) }
}

const still = { transitions: false, immediately: true }
export const advancedCropper = [
  [
    'react-advanced-cropper',
    'photo.jpg',
    advanced((c) => c.setCoordinates({ left: 90, top: 60, width: 240, height: 180 }, still)),
  ],
  [
    'react-advanced-cropper, turned',
    'photo.jpg',
    advanced((c) => {
      c.rotateImage(15, still)
      c.setCoordinates({ left: 200, top: 170, width: 240, height: 160 }, still)
    }),
  ],
  [
    'react-advanced-cropper, mirrored and turned',
    'photo.jpg',
    advanced((c) => {
      c.flipImage(true, false, still)
      c.rotateImage(90, still)
    }),
  ],
  [
    'react-advanced-cropper, a phone’s photo',
    'phone.jpg',
    advanced((c) => c.setCoordinates({ left: 60, top: 90, width: 150, height: 200 }, still)),
  ],
]
