import { apiKey, authHeaders } from './key'
import { networkProblem, problemOf, RequestFailed } from './problem'

/** A request with the key; throws RequestFailed for anything but 2xx, and asks for a key at 401. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const used = apiKey.get()
  let response: Response
  try {
    response = await fetch(path, {
      ...init,
      headers: { ...authHeaders(), ...(init.headers as Record<string, string>) },
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new RequestFailed(networkProblem())
  }
  if (response.ok) return response
  if (response.status === 401) apiKey.refuse(used)
  const body = await response.text().catch(() => '')
  throw new RequestFailed(problemOf(response.status, body, (name) => response.headers.get(name)))
}

export async function getJson<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await request(path, init)
  try {
    return (await response.json()) as T
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new RequestFailed({ ...networkProblem(), code: 'bad_answer', status: response.status })
  }
}
