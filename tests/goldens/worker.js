// The goldens in a browser's worker: what a page's worker does, on the module that is shipped.
import init, { Session, pixelsVersion } from '../../wasm/truecrop_all.js'
import { compare, compareField } from './run.js'

const json = async (path) => (await fetch(new URL(path, import.meta.url))).json()

self.onmessage = async () => {
  try {
    await init()
    const open = async (source) => {
      const answer = await fetch(new URL(`../fixtures/${source}`, import.meta.url))
      return Session.fromBlob(await answer.blob(), undefined)
    }
    const goldens = await compare(open, await json('goldens.json'), await json('recipes.json'), pixelsVersion())
    const field = await compareField(open, await json('../fixtures/field/index.json'), await json('field.json'))
    self.postMessage({ wrong: [...goldens.wrong, ...field.wrong], count: goldens.count, field: field.count })
  } catch (error) {
    self.postMessage({ wrong: [String(error)], count: 0 })
  }
}
