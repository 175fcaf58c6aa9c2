/** The demo page: the element in a real form, and everything around it told in plain words. */

import type { Result } from '../client/index.js'
import type { TrueCrop } from '../element/true-crop.js'
import type { Recipe } from '../protocol.js'
import { Refused, confirm, remove, upload } from './server.js'
import { forge, type Tamper } from './tamper.js'
import { bad, good, hide } from './verdict.js'
import { saved, size, time } from './words.js'

const $ = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T
const form = $<HTMLFormElement>('form')
const angle = $<HTMLInputElement>('angle')
const uploadButton = $<HTMLButtonElement>('upload')

await customElements.whenDefined('true-crop')
const crop = $<TrueCrop>('crop')
/** Whole quarter turns, to which the fine angle is added. */
let quarters = 0
let url: string | undefined

crop.addEventListener('ready', () => {
  hide()
  angle.disabled = false
  $('sample-line').hidden = true
})
crop.addEventListener('input', ({ detail }) => {
  $('preview').classList.add('stale')
  // The element's own buttons turn too: the slider follows.
  if (document.activeElement !== angle) showAngle(detail.view.rotate)
})
crop.addEventListener('change', ({ detail }) => show(detail.result, detail.recipe))
crop.addEventListener('error', () => $('preview').classList.add('stale'))

angle.addEventListener('input', () => {
  crop.rotate = quarters * 90 + Number(angle.value)
  $('angle-now').textContent = `${angle.value}°`
})
for (const shape of document.querySelectorAll<HTMLInputElement>('[name=shape]')) {
  shape.addEventListener('change', () => {
    const [width, height] = shape.value.split('x')
    crop.setAttribute('width', width ?? '512')
    crop.setAttribute('height', height ?? '512')
  })
}
form.addEventListener('submit', (event) => {
  event.preventDefault()
  if (crop.result) void send(() => upload(new FormData(form)))
})
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-tamper]')) {
  button.addEventListener('click', () => {
    const { result } = crop
    if (!crop.reportValidity() || !result) return
    void send(async () => upload(await forge(result, button.dataset.tamper as Tamper)), button.textContent ?? '')
  })
}
$('copy').addEventListener('click', () => void copyReceipt())
$('sample').addEventListener('click', () => void useSample())
// Without a sample beside the page the offer is not made.
void fetch('sample.jpg', { method: 'HEAD' }).then((answer) => ($('sample-line').hidden ||= !answer.ok))

function showAngle(rotate: number): void {
  quarters = Math.round(rotate / 90)
  const fine = Math.round((rotate - quarters * 90) * 10) / 10
  angle.value = String(fine)
  $('angle-now').textContent = `${fine}°`
}

/** Everything that the page says of a finished picture. */
function show(result: Result, recipe: Recipe): void {
  const [file] = result.outputs
  const [wanted] = recipe.outputs
  if (!file || !wanted || !crop.file || !crop.facts) return
  showPicture(file, `${wanted.width} by ${wanted.height} pixels`)
  const sent = result.outputs.reduce((sum, { size }) => sum + size, 0) + result.receipt.length
  $('figures').hidden = false
  $('saved').textContent = saved(crop.file.size, sent)
  $('bar').style.width = `${Math.min(100, (sent / crop.file.size) * 100)}%`
  $('took').textContent = time(result.took)
  $('memory').textContent = size(result.memory)
  const { width, height } = recipe.crop
  const whole = `${crop.facts.width} × ${crop.facts.height}`
  $('cut').textContent =
    `${Math.round(width)} × ${Math.round(height)} of ${whole}, to ${wanted.width} × ${wanted.height} ${wanted.format.toUpperCase()}`
  $('receipt').hidden = false
  $('receipt-text').textContent = JSON.stringify(JSON.parse(result.receipt), null, 2)
}

function showPicture(file: File, what: string): void {
  const picture = new Image()
  const former = url
  picture.src = url = URL.createObjectURL(file)
  picture.alt = `The picture that will be stored, ${what}`
  const preview = $('preview')
  preview.classList.toggle('alpha', file.type !== 'image/jpeg')
  preview.classList.remove('stale')
  preview.replaceChildren(picture)
  if (former) URL.revokeObjectURL(former)
}

/** Sends and tells the verdict. `forged` names what was forged. */
async function send(run: () => ReturnType<typeof upload>, forged?: string): Promise<void> {
  uploadButton.disabled = true
  try {
    good(await run(), { forged, confirm: (id) => send(() => confirm(id)), remove: (id) => drop(id) })
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    bad(error.problem, forged)
  } finally {
    uploadButton.disabled = false
  }
}

async function drop(id: string): Promise<void> {
  try {
    await remove(id)
    hide('Deleted', 'The picture and its receipt are gone from the store.')
  } catch (error) {
    if (error instanceof Refused) bad(error.problem)
  }
}

async function copyReceipt(): Promise<void> {
  if (!crop.result) return
  await navigator.clipboard.writeText(crop.result.receipt)
  $('copy').textContent = 'Copied'
  setTimeout(() => ($('copy').textContent = 'Copy'), 1500)
}

async function useSample(): Promise<void> {
  const answer = await fetch('sample.jpg')
  await crop.open(new File([await answer.blob()], 'sample.jpg', { type: 'image/jpeg' }))
}
