/** The part of the server's HTTP interface that the demo uses. */

/** What the server says of an uploaded picture. */
export interface Stored {
  id: string
  state: 'pending' | 'kept'
  expires_at?: string
  outputs: { name: string; url: string }[]
}

/** An RFC 9457 problem with the members of the engine's errors. */
export interface Problem {
  status: number
  code: string
  detail: string
  field?: string
  expected?: unknown
  got?: unknown
}

/** Thrown for every response that is not a success. */
export class ApiError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

const IMAGES = '/v1/images'

/** Sends a form whose only picture is called `main`. */
export async function upload(body: FormData): Promise<Stored> {
  return (await uploadAll(body)).main as Stored
}

/** Sends a form with any number of pictures: all of them are stored, or none. */
export async function uploadAll(body: FormData): Promise<Record<string, Stored>> {
  return ((await (await send(IMAGES, { method: 'POST', body })).json()) as { images: Record<string, Stored> }).images
}

export async function confirm(id: string): Promise<Stored> {
  return (await send(`${IMAGES}/${encodeURIComponent(id)}/confirm`, { method: 'POST' })).json() as Promise<Stored>
}

export async function remove(id: string): Promise<void> {
  await send(`${IMAGES}/${encodeURIComponent(id)}`, { method: 'DELETE' })
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(path, init)
  } catch {
    throw new ApiError({ status: 0, code: 'unreachable', detail: 'The server did not answer. Is it running?' })
  }
  if (response.ok) return response
  const fallback = { status: response.status, code: 'unknown', detail: `The server answered ${response.status}.` }
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>
  throw new ApiError({ ...fallback, ...problem })
}
