// The croppers that need no framework.
import Cropper1 from 'cropperjs'
import 'cropperjs/dist/cropper.css'
import Cropper2 from 'cropperjs2'
import Croppie from 'croppie'
import 'croppie/croppie.css'
import * as fromCropper1 from 'truecrop/adapters/cropperjs'
import * as fromCropper2 from 'truecrop/adapters/cropperjs-2'
import * as fromCroppie from 'truecrop/adapters/croppie'

const within = (promise, what) =>
  Promise.race([promise, new Promise((_, no) => setTimeout(() => no(new Error(`no ${what}`)), 10_000))])

async function image(frame, url) {
  const img = new Image()
  img.src = url
  frame.append(img)
  await img.decode()
  return img
}

/** cropperjs 1: `move` sets it; the data are those of `getData()`. */
const cropper1 =
  (move, options = {}, extra = () => ({})) =>
  async (frame, url, facts) => {
    const img = await image(frame, url)
    const cropper = await within(
      new Promise((resolve) => {
        const made = new Cropper1(img, { checkOrientation: false, autoCrop: true, ...options, ready: () => resolve(made) })
      }),
      'ready of cropperjs 1',
    )
    move(cropper)
    const canvas = cropper.getCroppedCanvas({ imageSmoothingQuality: 'high' })
    const data = JSON.parse(JSON.stringify(cropper.getData()))
    const recipe = (outputs) => fromCropper1.toRecipe(data, { source: facts, outputs, ...extra(facts) })
    return { canvas, recipe }
  }

export const cropperjs1 = [
  ['cropperjs 1', 'photo.jpg', cropper1((c) => c.setData({ x: 100, y: 50, width: 320, height: 240 }))],
  ['cropperjs 1, turned', 'photo.jpg', cropper1((c) => c.rotate(30).setData({ x: 220, y: 180, width: 240, height: 200 }))],
  [
    'cropperjs 1, mirrored and turned',
    'photo.jpg',
    cropper1((c) => c.scaleX(-1).rotate(90).setData({ x: 60, y: 120, width: 240, height: 200 })),
  ],
  ['cropperjs 1, a phone’s photo', 'phone.jpg', cropper1((c) => c.setData({ x: 40, y: 90, width: 200, height: 260 }))],
  [
    'cropperjs 1, a phone’s photo that it turns itself',
    'phone.jpg',
    cropper1(
      (c) => c.setData({ x: 40, y: 90, width: 200, height: 260 }),
      { checkOrientation: true },
      ({ orientation }) => ({ orientation }),
    ),
  ],
]

/** cropperjs 2: `move` sets image and selection. */
const cropper2 = (move) => async (frame, url, facts) => {
  const img = await image(frame, url)
  const cropper = new Cropper2(img)
  const [element, selection] = [cropper.getCropperImage(), cropper.getCropperSelection()]
  await within(element.$ready(), 'image of cropperjs 2')
  await new Promise((resolve) => setTimeout(resolve, 200))
  move(element, selection)
  const canvas = await selection.$toCanvas()
  const data = JSON.parse(JSON.stringify(fromCropper2.dataOf(cropper)))
  return { canvas, recipe: (outputs) => fromCropper2.toRecipe(data, { source: facts, outputs }) }
}

export const cropperjs2 = [
  ['cropperjs 2', 'photo.jpg', cropper2((_, selection) => selection.$change(90, 60, 160, 120))],
  [
    'cropperjs 2, zoomed, moved and turned',
    'photo.jpg',
    cropper2((element, selection) => {
      element.$zoom(0.5)
      element.$rotate('25deg')
      element.$move(12, -7)
      selection.$change(120, 90, 160, 120)
    }),
  ],
  [
    'cropperjs 2, mirrored and turned',
    'photo.jpg',
    cropper2((element, selection) => {
      element.$rotate('-90deg')
      element.$scale(-1, 1)
      selection.$change(150, 100, 100, 100)
    }),
  ],
  ['cropperjs 2, a phone’s photo', 'phone.jpg', cropper2((_, selection) => selection.$change(120, 60, 100, 140))],
]

const croppieCase = (options, move) => async (frame, url, facts) => {
  const croppie = new Croppie(frame, { viewport: { width: 200, height: 150 }, boundary: { width: 400, height: 300 }, ...options })
  await within(croppie.bind({ url, zoom: 1 }), 'Croppie')
  move(croppie)
  await new Promise((resolve) => setTimeout(resolve, 200))
  const canvas = await croppie.result({ type: 'rawcanvas', size: 'original' })
  const data = JSON.parse(JSON.stringify(croppie.get()))
  return { canvas, recipe: (outputs) => fromCroppie.toRecipe(data, { source: facts, outputs }) }
}

export const croppie = [
  ['Croppie', 'photo.jpg', croppieCase({}, (c) => c.setZoom(1))],
  ['Croppie, turned', 'photo.jpg', croppieCase({ enableOrientation: true }, (c) => c.rotate(-90))],
  ['Croppie, a phone’s photo', 'phone.jpg', croppieCase({}, (c) => c.setZoom(0.9))],
]
