/** The demo page: the element in a real form, and the figures and the verdict beside it. */

import type { Result } from '../client/index.js'
import type { TrueCrop } from '../element/true-crop.js'
import type { Recipe } from '../protocol.js'
import { ApiError, confirm, remove, upload } from './api.js'
import { type Forgery, forge } from './forgeries.js'
import { formatDuration, formatSize, savingsText } from './format.js'
import { clear, showRefused, showStored } from './verdict.js'

const $ = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T
const form = $<HTMLFormElement>('form')
const uploadButton = $<HTMLButtonElement>('upload')

await customElements.whenDefined('true-crop')
const crop = $<TrueCrop>('crop')
let url: string | undefined
/** What the preview says while there is no picture. */
const nothingYet = [...$('preview').childNodes][0] as ChildNode

crop.addEventListener('ready', () => {
  clear()
  $('sample-line').hidden = true
})
crop.addEventListener('empty', forget)
crop.addEventListener('input', () => $('preview').classList.add('stale'))
crop.addEventListener('change', ({ detail }) => showResult(detail.result, detail.recipe))
crop.addEventListener('truecrop-error', () => $('preview').classList.toggle('stale', crop.result === undefined))

form.addEventListener('submit', (event) => {
  event.preventDefault()
  if (crop.result) void send(() => upload(new FormData(form)))
})
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-forgery]')) {
  button.addEventListener('click', () => {
    const { result } = crop
    if (!crop.reportValidity() || !result) return
    void send(async () => upload(await forge(result, button.dataset.forgery as Forgery)), button.textContent?.trim() ?? '')
  })
}
$('copy').addEventListener('click', () => void copyReceipt())
$('sample').addEventListener('click', () => void useSample())
// The sample is offered only where it lies beside the page.
let hasSample = true
void fetch('sample.jpg', { method: 'HEAD' }).then((response) => {
  hasSample = response.ok
  $('sample-line').hidden ||= !hasSample
})

/** Shows the finished picture, its figures and its receipt. */
function showResult(result: Result, recipe: Recipe): void {
  const [file] = result.outputs
  const [wanted] = recipe.outputs
  if (!file || !wanted || !crop.file || !crop.facts) return
  showPicture(file, `${wanted.width} by ${wanted.height} pixels`)
  const sent = result.outputs.reduce((sum, { size }) => sum + size, 0) + result.receipt.length
  $('figures').hidden = false
  $('saved').textContent = savingsText(crop.file.size, sent)
  $('bar').style.width = `${Math.min(100, (sent / crop.file.size) * 100)}%`
  $('took').textContent = formatDuration(result.took)
  $('memory').textContent = formatSize(result.memory)
  const { width, height } = recipe.crop
  const whole = `${crop.facts.width} × ${crop.facts.height}`
  $('cut').textContent =
    `${Math.round(width)} × ${Math.round(height)} of ${whole}, to ${wanted.width} × ${wanted.height} ${wanted.format.toUpperCase()}`
  $('receipt').hidden = false
  $('receipt-text').textContent = JSON.stringify(JSON.parse(result.receipt), null, 2)
}

/** Nothing of a photo that is gone stays on the page, but for what was stored of it. */
function forget(): void {
  for (const id of ['figures', 'receipt']) $(id).hidden = true
  const preview = $('preview')
  preview.classList.remove('stale', 'alpha')
  preview.replaceChildren(nothingYet)
  if (url) URL.revokeObjectURL(url)
  url = undefined
  $('sample-line').hidden = !hasSample
}

function showPicture(file: File, description: string): void {
  const picture = new Image()
  const former = url
  picture.src = url = URL.createObjectURL(file)
  picture.alt = `The picture that will be stored, ${description}`
  const preview = $('preview')
  preview.classList.toggle('alpha', file.type !== 'image/jpeg')
  preview.classList.remove('stale')
  preview.replaceChildren(picture)
  if (former) URL.revokeObjectURL(former)
}

/** Sends a request and shows the verdict. `forged` says what was forged. */
async function send(run: () => ReturnType<typeof upload>, forged?: string): Promise<void> {
  uploadButton.disabled = true
  try {
    showStored(await run(), { forged, confirm: (id) => send(() => confirm(id)), remove: (id) => removeStored(id) })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    showRefused(error.problem, forged)
  } finally {
    uploadButton.disabled = false
  }
}

async function removeStored(id: string): Promise<void> {
  try {
    await remove(id)
    clear('Deleted', 'The picture and its receipt are no longer in the store.')
  } catch (error) {
    if (error instanceof ApiError) showRefused(error.problem)
  }
}

async function copyReceipt(): Promise<void> {
  if (!crop.result) return
  const copied = await navigator.clipboard?.writeText(crop.result.receipt).then(
    () => true,
    () => false,
  )
  $('copy').textContent = copied ? 'Copied' : 'The browser did not allow it'
  setTimeout(() => ($('copy').textContent = 'Copy'), 1500)
}

async function useSample(): Promise<void> {
  // The element says it in words where the file cannot be loaded.
  await crop.open('sample.jpg')
}
