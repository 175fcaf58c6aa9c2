// Vue 3.
import { createApp, h, ref } from 'vue'
import { TrueCrop, useTrueCrop } from 'truecrop/vue'
import { OUTPUTS, VIEW, fieldsOf, press, rest, sha, until } from './common.js'

const SIZE = { name: 'avatar', width: 120, height: 90 }
const told = async ({ detail: { recipe, result } }) => ({ recipe, digest: await sha(result.outputs[0]) })

function mounted(place, setup) {
  const app = createApp({ setup })
  app.mount(place)
  return app
}

export const vueCases = [
  [
    'Vue, uncontrolled',
    async (place, file) => {
      const box = {}
      const app = mounted(
        place,
        () => () =>
          h('form', [
            h(TrueCrop, { ...SIZE, required: true, file, defaultView: VIEW, class: 'own', onChange: (e) => (box.changed = e) }),
          ]),
      )
      const changed = await until(() => box.changed, 'a change')
      const element = place.querySelector('true-crop')
      const equal = [
        [fieldsOf(place.querySelector('form')), ['avatar.receipt', 'avatar']],
        [
          [element.className, element.required, element.disabled, element.width],
          ['own', true, false, 120],
        ],
      ]
      const row = { ...(await told(changed)), equal }
      app.unmount()
      return row
    },
  ],
  [
    'Vue, v-model:view',
    async (place, file) => {
      const [box, view] = [{}, ref(VIEW)]
      const follows = ref(false)
      const update = (moved) => follows.value && (view.value = moved)
      const app = mounted(
        place,
        () => () =>
          h(TrueCrop, {
            ...SIZE,
            file,
            view: view.value,
            'onUpdate:view': update,
            onInput: () => (box.input = true),
            onChange: (e) => (box.changed = e),
          }),
      )
      const first = await until(() => box.changed, 'a change')
      const element = place.querySelector('true-crop')
      press(element, 'ArrowRight')
      await until(() => box.input, 'an input')
      await rest()
      const stayed = element.view.center.x - first.detail.view.center.x
      follows.value = true
      press(element, 'ArrowRight')
      await rest()
      const moved = element.view.center.x - first.detail.view.center.x
      view.value = { ...VIEW, zoom: 3, rotate: 90 }
      await until(() => box.changed?.detail.view.rotate === 90, 'the view that was set')
      await rest()
      const equal = [
        [stayed, 0],
        [moved !== 0, true],
        [element.view.zoom.toFixed(1), '3.0'],
      ]
      const row = { ...(await told(box.changed)), equal }
      app.unmount()
      return row
    },
  ],
  [
    'Vue, useTrueCrop',
    async (place, file) => {
      let crop
      const app = mounted(place, () => {
        crop = useTrueCrop({ outputs: OUTPUTS })
        return () => h('p', crop.state.value.state)
      })
      await crop.open(file, VIEW)
      await until(() => crop.state.value.solved, 'a solved view')
      const shown = [place.textContent, crop.state.value.facts.width]
      const result = await crop.render()
      const row = { recipe: crop.recipe(), digest: await sha(result.outputs[0]) }
      app.unmount()
      const equal = [
        [shown, ['ready', 600]],
        [crop.state.value.state, 'empty'],
      ]
      return { ...row, equal }
    },
  ],
]
