// Svelte 5: its stores, and the element as it is.
import { get } from 'svelte/store'
import { cropStore } from 'truecrop/svelte'
import { OUTPUTS, VIEW, sha, until } from './common.js'

export const svelteCases = [
  [
    'Svelte, cropStore',
    async (place, file) => {
      const crop = cropStore({ outputs: OUTPUTS })
      const states = []
      const stop = crop.subscribe(({ state }) => states.at(-1) !== state && states.push(state))
      await crop.open(file, VIEW)
      await until(() => get(crop).solved, 'a solved view')
      const { crop: rectangle, view } = get(crop).solved
      const result = await crop.render()
      const recipe = { truecrop: 1, crop: rectangle, rotate: view.rotate, flip: view.flip, outputs: OUTPUTS }
      const row = { recipe, digest: await sha(result.outputs[0]) }
      stop()
      crop.close()
      const equal = [
        [states, ['empty', 'opening', 'ready']],
        [Boolean(customElements.get('true-crop')), true],
      ]
      return { ...row, equal }
    },
  ],
]
