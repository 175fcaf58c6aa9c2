// React 19, in strict mode.
import { StrictMode, createElement as h, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { TrueCrop, useTrueCrop } from 'truecrop/react'
import { OUTPUTS, VIEW, fieldsOf, press, rest, sha, until } from './common.js'

/** Mounts a component; `box` is what it shows to the test. */
function mount(place, Component, file) {
  const [box, root] = [{}, createRoot(place)]
  root.render(h(StrictMode, null, h(Component, { box, file })))
  return { box, root }
}

const SIZE = { name: 'avatar', width: 120, height: 90 }

/** The picture that the last `change` told. */
const told = async ({ detail: { recipe, result } }) => ({ recipe, digest: await sha(result.outputs[0]) })

function Uncontrolled({ box, file }) {
  const onChange = (event) => (box.changed = event)
  return h(
    'form',
    { ref: (form) => (box.form = form) },
    h(TrueCrop, { ...SIZE, required: true, file, defaultView: VIEW, onChange, className: 'own', 'data-x': '1' }),
  )
}

function Controlled({ box, file }) {
  const [view, setView] = useState(VIEW)
  box.setView = setView
  const onInput = ({ detail }) => {
    box.inputs = (box.inputs ?? 0) + 1
    if (box.follows) setView(detail.view)
  }
  return h(TrueCrop, {
    ...SIZE,
    ref: (element) => (box.element = element),
    file,
    view,
    onInput,
    onChange: (event) => (box.changed = event),
  })
}

function Outputs({ box, file }) {
  const outputs = ['a', 'b'].map((name, i) => ({ name, width: 60 * (i + 1), height: 60 * (i + 1), format: 'png' }))
  const [chosen, setChosen] = useState(file)
  box.clear = () => setChosen(null)
  const events = {
    onReady: (e) => (box.ready = e.detail),
    onError: (e) => (box.error = e.detail),
    onProgress: () => (box.progress = true),
  }
  const props = { name: 'cover', outputs, labels: { choose: 'Foto wählen' }, file: chosen, ...events }
  return h(
    'form',
    { ref: (form) => (box.form = form) },
    h(TrueCrop, { ...props, ref: (element) => (box.element = element), onChange: (event) => (box.changed = event) }),
  )
}

function Headless({ box, file }) {
  const crop = useTrueCrop({ outputs: OUTPUTS })
  Object.assign(box, { crop })
  return h('button', { onClick: () => crop.open(file, { zoom: 2 }) }, crop.state)
}

export const reactCases = [
  [
    'React, uncontrolled',
    async (place, file) => {
      const { box, root } = mount(place, Uncontrolled, file)
      const changed = await until(() => box.changed, 'a change')
      const element = place.querySelector('true-crop')
      const equal = [
        [fieldsOf(box.form), ['avatar.receipt', 'avatar']],
        [
          [element.className, element.dataset.x, element.required, element.width],
          ['own', '1', true, 120],
        ],
        [changed.detail.view.zoom.toFixed(2), '2.00'],
      ]
      const row = { equal, ...(await told(changed)) }
      root.unmount()
      return { ...row, equal: [...equal, [document.querySelectorAll('true-crop').length, 0]] }
    },
  ],
  [
    'React, controlled',
    async (place, file) => {
      const { box, root } = mount(place, Controlled, file)
      const first = await until(() => box.changed, 'a change')
      // The owner does not take the move over: the photo goes back.
      press(box.element, 'ArrowRight')
      await until(() => box.inputs > 0, 'an input')
      await rest()
      const stayed = box.element.view.center.x - first.detail.view.center.x
      box.follows = true
      press(box.element, 'ArrowRight')
      await rest()
      const moved = box.element.view.center.x - first.detail.view.center.x
      box.changed = undefined
      box.setView({ ...VIEW, zoom: 3, rotate: 90 })
      await until(() => box.changed?.detail.view.rotate === 90, 'the view that was set')
      await rest()
      const row = await told(box.changed)
      const equal = [
        [stayed, 0],
        [moved !== 0, true],
        [box.element.view.zoom.toFixed(1), '3.0'],
      ]
      root.unmount()
      return { ...row, equal }
    },
  ],
  [
    'React, several outputs, labels, and an empty form again',
    async (place, file) => {
      const { box, root } = mount(place, Outputs, file)
      const changed = await until(() => box.changed, 'a change')
      const row = await told(changed)
      const before = fieldsOf(box.form)
      const label = box.element.labels.choose
      box.clear()
      await until(() => box.element.file === null, 'no file')
      box.element.file = new File(['no picture'], 'x.jpg')
      const error = await until(() => box.error, 'an error')
      // A photo that is opened at once tells no progress.
      box.element.dispatchEvent(new CustomEvent('progress', { detail: { stage: 'opening', done: 1 } }))
      const equal = [
        [before, ['cover.receipt', 'cover.a', 'cover.b']],
        [label, 'Foto wählen'],
        [
          [box.ready.width, box.progress],
          [600, true],
        ],
        [fieldsOf(box.form), []],
        [error.code, 'unsupported-format'],
      ]
      root.unmount()
      return { ...row, equal }
    },
  ],
  [
    'React, useTrueCrop',
    async (place, file) => {
      const { box, root } = mount(place, Headless, file)
      await until(() => place.querySelector('button'), 'the component')
      await rest()
      place.querySelector('button').click()
      const { proxy, facts } = await until(() => box.crop.solved && box.crop, 'a solved view')
      const sides = [facts.width, facts.height, proxy.width]
      box.crop.setView({ center: { x: 0.4, y: 0.6 } })
      const wanted = await until(() => box.crop.view.center.x === 0.4 && box.crop, 'the view that was set')
      const result = await wanted.render()
      const row = { recipe: box.crop.recipe, digest: await sha(result.outputs[0]) }
      await box.crop.open(new File(['no picture'], 'x.jpg'))
      const refused = await until(() => box.crop.error && box.crop, 'an error')
      const equal = [
        [sides, [600, 400, 600]],
        [
          [refused.error.code, refused.state, refused.facts.width],
          ['unsupported-format', 'ready', 600],
        ],
        [row.recipe.outputs, OUTPUTS],
      ]
      root.unmount()
      return { ...row, equal }
    },
  ],
]
