// What a person does in the element, in a browser that no driver moves: the events are the page's own, everything behind them is real.
// The page tells what it has seen to the server that it came from.

const element = document.querySelector('true-crop')
const faults = []
addEventListener('error', ({ message }) => faults.push(message))
addEventListener('unhandledrejection', ({ reason }) => faults.push(String(reason)))
for (const name of ['error', 'warn']) {
  const before = console[name]
  console[name] = (...said) => {
    faults.push(said.join(' '))
    before.apply(console, said)
  }
}

// No real pointer is down: without this the browser would refuse to capture the one of the page's own events.
Element.prototype.setPointerCapture = () => undefined

const part = (name) => element.shadowRoot.querySelector(`[part~=${name}]`)
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))

/** Waits until something holds, and says what did not. */
async function until(what, holds) {
  const end = Date.now() + 60_000
  while (!holds()) {
    if (Date.now() > end) throw new Error(`${what} did not come: the state is ${element.state}, ${element.validationMessage}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
const settled = () => until('the exact picture', () => element.state === 'ready' && !part('exact').hidden)

/** Chooses a file as the dialog does. */
async function choose(address) {
  const blob = await (await fetch(address)).blob()
  const files = new DataTransfer()
  files.items.add(new File([blob], address.split('/').pop(), { type: blob.type }))
  const input = element.shadowRoot.querySelector('input[type=file]')
  input.files = files.files
  input.dispatchEvent(new Event('change', { bubbles: true }))
  await until('the photo', () => element.facts !== undefined)
  await settled()
}

const pointer = (type, x, y) => {
  const { left, top } = part('stage').getBoundingClientRect()
  const place = { clientX: left + x, clientY: top + y, pointerId: 1, pointerType: 'mouse', isPrimary: true, button: 0 }
  const init = { ...place, buttons: type === 'pointerup' ? 0 : 1, bubbles: true, cancelable: true, composed: true }
  part('stage').dispatchEvent(new PointerEvent(type, init))
}

async function drag(fromX, fromY, toX, toY) {
  pointer('pointerdown', fromX, fromY)
  for (let i = 1; i <= 5; i += 1) {
    pointer('pointermove', fromX + ((toX - fromX) * i) / 5, fromY + ((toY - fromY) * i) / 5)
    await frame()
  }
  pointer('pointerup', toX, toY)
}

const wheel = (deltaY, x, y) => {
  const { left, top } = part('stage').getBoundingClientRect()
  const init = { deltaY, clientX: left + x, clientY: top + y, bubbles: true, cancelable: true, composed: true }
  return !part('stage').dispatchEvent(new WheelEvent('wheel', init))
}

const key = (key, more = {}) =>
  part('stage').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true, ...more }))

async function sha(blob) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const made = async () => ({
  view: element.view,
  crop: JSON.parse(element.result.receipt).crop,
  digest: await sha(element.result.outputs[0]),
})

async function mainPath() {
  await customElements.whenDefined('true-crop')
  const steps = {}
  const note = async (name) => (steps[name] = await made())
  await choose('/tests/fixtures/phone-orientation-6.jpg')
  await note('opened')
  if (!wheel(-400, 260, 150)) throw new Error('the wheel scrolls the page')
  await settled()
  await note('zoomed by the wheel')
  await drag(200, 200, 150, 230)
  await settled()
  await note('dragged')
  key('ArrowLeft', { shiftKey: true })
  key('r')
  await settled()
  await note('moved and turned by keys')
  key('z', { ctrlKey: true })
  key('z', { ctrlKey: true })
  await settled()
  await note('undone')
  part('button-mirror').click()
  await settled()
  await note('mirrored by a button')
  element.view = { zoom: 1.9, center: { x: 0.41, y: 0.37 }, rotate: 7.5, flip: 'vertical' }
  await settled()
  await note('moved by a script')
  const form = new FormData(document.querySelector('form'))
  const response = await fetch('/v1/images', { method: 'POST', body: form })
  return {
    steps,
    parts: [...form.keys()],
    digest: await sha(form.get('avatar')),
    receipt: await form.get('avatar.receipt').text(),
    answer: { status: response.status, body: await response.json() },
  }
}

const result = await mainPath().catch((error) => ({ failed: String(error?.stack ?? error) }))
await fetch('/result', { method: 'POST', body: JSON.stringify({ ...result, faults, agent: navigator.userAgent }) })
