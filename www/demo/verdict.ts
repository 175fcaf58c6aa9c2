/** The card that shows the server's verdict. */

import type { Problem, Stored } from './api.js'
import { formatValue } from './format.js'

const card = document.getElementById('verdict') as HTMLElement

interface Actions {
  forged: string | undefined
  confirm: (id: string) => void
  remove: (id: string) => void
}

/** Shows that the picture is stored. */
export function showStored(stored: Stored, { forged, confirm, remove }: Actions): void {
  const kept = stored.state === 'kept'
  const title = kept ? 'Kept' : 'Verified and stored'
  const until = stored.expires_at ? ` It is deleted ${when(stored.expires_at)} unless you confirm it.` : ''
  const text = kept
    ? 'The picture is confirmed and will not be deleted.'
    : `The server checked the geometry, the policy and every byte.${until}`
  setCard(forged ? 'bad' : 'good', title, forged ? `The server did not notice this forgery. Please report it: ${forged}.` : text)
  setFacts([
    ['Id', stored.id],
    ['State', stored.state],
  ])
  const links = stored.outputs.map(({ name, url }) =>
    link(stored.outputs.length > 1 ? `Open ${name}` : 'Open the stored picture', url),
  )
  const buttons = [kept ? undefined : button('Confirm', () => confirm(stored.id)), button('Delete', () => remove(stored.id))]
  byId('verdict-actions').replaceChildren(...links, ...buttons.filter((b) => b !== undefined))
}

/** Shows that the server refused the upload, and why. */
export function showRefused(problem: Problem, forged?: string): void {
  const title = forged ? 'Refused, as it should be' : 'Refused'
  const sentence = problem.status > 0 ? `${problem.detail} Nothing was stored.` : problem.detail
  setCard('bad', title, forged ? `You tried: “${forged}”. ${sentence}` : sentence)
  setFacts([
    ['Code', problem.code],
    ['Field', problem.field],
    ['Expected', problem.expected],
    ['Got', problem.got],
  ])
  byId('verdict-actions').replaceChildren()
}

/** Hides the card, or shows only a title and a text. */
export function clear(title?: string, text?: string): void {
  card.hidden = title === undefined
  if (title === undefined) return
  setCard('plain', title, text ?? '')
  setFacts([])
  byId('verdict-actions').replaceChildren()
}

function setCard(kind: string, title: string, text: string): void {
  card.hidden = false
  card.dataset.kind = kind
  byId('verdict-title').textContent = title
  byId('verdict-text').textContent = text
  card.focus({ preventScroll: true })
  const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'
  card.scrollIntoView({ block: 'nearest', behavior })
}

function setFacts(rows: [string, unknown][]): void {
  const shown = rows.filter(([, value]) => value !== undefined && value !== null)
  byId('verdict-facts').replaceChildren(...shown.map(([name, value]) => row(name, formatValue(value))))
}

function row(name: string, value: string): HTMLElement {
  const [line, term, description] = [document.createElement('div'), document.createElement('dt'), document.createElement('dd')]
  term.textContent = name
  description.textContent = value
  line.append(term, description)
  return line
}

function link(text: string, url: string): HTMLElement {
  const anchor = document.createElement('a')
  Object.assign(anchor, { className: 'button', textContent: text, href: url, target: '_blank', rel: 'noopener' })
  return anchor
}

function button(text: string, onClick: () => void): HTMLElement {
  const element = document.createElement('button')
  Object.assign(element, { type: 'button', textContent: text })
  element.addEventListener('click', onClick)
  return element
}

function when(date: string): string {
  return `after ${new Date(date).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}`
}

function byId(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement
}
