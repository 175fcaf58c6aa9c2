/** The card with the server's verdict. */

import type { Problem, Stored } from './server.js'
import { figure } from './words.js'

const card = document.getElementById('verdict') as HTMLElement

interface Actions {
  forged: string | undefined
  confirm: (id: string) => void
  remove: (id: string) => void
}

/** The picture is in the store. */
export function good(stored: Stored, { forged, confirm, remove }: Actions): void {
  const kept = stored.state === 'kept'
  const title = kept ? 'Kept' : 'Verified and stored'
  const until = stored.expires_at ? ` It is swept away ${when(stored.expires_at)} unless you confirm it.` : ''
  const text = kept
    ? 'The picture is confirmed: no sweep will take it.'
    : `The server checked the geometry, the policy and every byte.${until}`
  fill('good', title, forged ? `This forgery was not noticed: please report it (${forged}).` : text)
  facts([
    ['Number', stored.id],
    ['State', stored.state],
  ])
  const links = stored.outputs.map(({ name, url }) =>
    link(stored.outputs.length > 1 ? `Open ${name}` : 'Open the stored picture', url),
  )
  const buttons = [kept ? undefined : button('Confirm', () => confirm(stored.id)), button('Delete', () => remove(stored.id))]
  part('verdict-actions').replaceChildren(...links, ...buttons.filter((b) => b !== undefined))
}

/** The server said no, and why. */
export function bad(problem: Problem, forged?: string): void {
  const title = forged ? 'Refused, as it should be' : 'Refused'
  const sentence = problem.status > 0 ? `${problem.detail} Nothing was stored.` : problem.detail
  fill('bad', title, forged ? `You tried: “${forged}”. ${sentence}` : sentence)
  facts([
    ['Code', problem.code],
    ['Field', problem.field],
    ['Expected', problem.expected],
    ['Got', problem.got],
  ])
  part('verdict-actions').replaceChildren()
}

/** Takes the card away, or leaves a last word. */
export function hide(title?: string, text?: string): void {
  card.hidden = title === undefined
  if (title === undefined) return
  fill('plain', title, text ?? '')
  facts([])
  part('verdict-actions').replaceChildren()
}

function fill(kind: string, title: string, text: string): void {
  card.hidden = false
  card.dataset.kind = kind
  part('verdict-title').textContent = title
  part('verdict-text').textContent = text
  card.focus({ preventScroll: true })
  const gentle = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'
  card.scrollIntoView({ block: 'nearest', behavior: gentle })
}

function facts(rows: [string, unknown][]): void {
  const shown = rows.filter(([, value]) => value !== undefined && value !== null)
  part('verdict-facts').replaceChildren(...shown.map(([name, value]) => row(name, figure(value))))
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

function button(text: string, pressed: () => void): HTMLElement {
  const element = document.createElement('button')
  Object.assign(element, { type: 'button', textContent: text })
  element.addEventListener('click', pressed)
  return element
}

function when(date: string): string {
  return `after ${new Date(date).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}`
}

function part(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement
}
