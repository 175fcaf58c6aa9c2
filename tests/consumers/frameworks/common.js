// What the cases of all frameworks use.

export const VIEW = { zoom: 2, center: { x: 0.4, y: 0.6 }, rotate: 0, flip: 'none' }
export const OUTPUTS = [{ name: 'main', width: 120, height: 90, format: 'jpeg' }]

/** What `find` gives, once it gives something. */
export async function until(find, what) {
  for (const end = Date.now() + 15_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const found = await find()
    if (found) return found
  }
  throw new Error(`it did not come to this: ${what}`)
}

export const rest = () => new Promise((resolve) => setTimeout(resolve, 400))

export async function sha(blob) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A person presses a key on the photo. */
export function press(element, key) {
  const stage = element.shadowRoot.querySelector('[part~="stage"]')
  stage.dispatchEvent(new KeyboardEvent('keydown', { key, code: key, bubbles: true, composed: true }))
}

export const fieldsOf = (form) => [...new FormData(form).keys()]
