import { SseParser, type ServerEvent } from '../logic/sse'
import { request } from './client'
import { networkProblem, RequestFailed, type Problem } from './problem'

export interface FollowOptions {
  /** Gets each event; returning true ends the stream for good. */
  onEvent: (event: ServerEvent) => boolean | void
  /** `open` when the server answers; `lost` with what happened and the seconds until the next try. */
  onState?: (state: { kind: 'open' } | { kind: 'lost'; problem: Problem; seconds: number }) => void
  signal: AbortSignal
  /** Go on behind this event. */
  lastEventId?: string
  /** Tries in a row without one event before giving up; Infinity for a stream that should come back some day. */
  tries?: number
  wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/** Errors that a later try cannot mend. */
const final = new Set([400, 401, 403, 404])

/**
 * Follows a stream of server-sent events by fetch, because EventSource cannot send a key. A lost connection is taken up
 * again behind the last event. Throws RequestFailed when it is over without the end, AbortError when `signal` fires.
 */
export async function followEvents(path: string, options: FollowOptions): Promise<void> {
  const { onEvent, onState, signal, tries = 6, wait = sleep } = options
  let lastId = options.lastEventId ?? ''
  for (let failures = 0; ;) {
    const parser = new SseParser()
    let problem = networkProblem()
    try {
      const response = await request(path, {
        headers: { Accept: 'text/event-stream', ...(lastId === '' ? {} : { 'Last-Event-ID': lastId }) },
        cache: 'no-store',
        signal,
      })
      onState?.({ kind: 'open' })
      for await (const text of texts(response)) {
        for (const event of parser.push(text)) {
          failures = 0
          if (event.id !== '') lastId = event.id
          if (onEvent(event) === true) return
        }
      }
    } catch (error) {
      if (signal.aborted) throw error
      if (error instanceof RequestFailed) {
        problem = error.problem
        if (final.has(problem.status)) throw error
      } else if (!(error instanceof TypeError)) {
        throw error
      }
    }
    failures += 1
    if (failures >= tries) throw new RequestFailed(problem)
    const seconds = problem.retryAfter ?? (parser.retry ?? Math.min(15000, 500 * 2 ** failures)) / 1000
    onState?.({ kind: 'lost', problem, seconds })
    await wait(seconds * 1000, signal)
  }
}

async function* texts(response: Response): AsyncGenerator<string> {
  if (!response.body) return
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield decoder.decode(value, { stream: true })
    }
  } finally {
    // Frees the connection also when the reader stops in the middle.
    await reader.cancel().catch(() => undefined)
  }
}

export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal.addEventListener('abort', stop, { once: true })
  })
}
