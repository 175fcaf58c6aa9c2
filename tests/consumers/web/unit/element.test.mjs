// A unit test as applications have them: jsdom and happy-dom have no form-associated custom elements, no workers and no WebAssembly of browsers.
import { openPhoto, TruecropError } from 'truecrop'
import { toRecipe } from 'truecrop/adapters/cropperjs'
import 'truecrop/element/define'
import { TrueCrop } from 'truecrop/react'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'

test('a form with the element is rendered, without a picture', () => {
  document.body.innerHTML = '<form><true-crop name="avatar" width="20" height="20" required></true-crop></form>'
  expect([...new FormData(document.forms[0]).keys()]).toEqual([])
})

test('the component of React is mounted and unmounted', async () => {
  const place = document.body.appendChild(document.createElement('div'))
  const root = createRoot(place)
  root.render(createElement(TrueCrop, { name: 'avatar', width: 20, height: 20, view: { zoom: 2 }, onChange() {} }))
  for (let tries = 0; tries < 100 && !place.firstChild; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20))
  expect(place.firstChild.localName).toBe('true-crop')
  root.unmount()
})

test('a photo is refused by an error that says why', async () => {
  const error = await openPhoto(new File(['x'], 'x.jpg')).catch((reason) => reason)
  expect(error).toBeInstanceOf(TruecropError)
  expect(error.code).toBe('engine-unavailable')
})

test('an adapter needs no browser', () => {
  const { recipe } = toRecipe({ x: 0, y: 0, width: 40, height: 40 }, { source: { width: 80, height: 60 }, width: 20, height: 20 })
  expect(recipe.crop).toEqual({ x: 0, y: 0, width: 40, height: 40 })
})
