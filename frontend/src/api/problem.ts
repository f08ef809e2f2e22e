/** What went wrong with a request, in one shape for a server's answer, a broken connection and an own check. */
export interface Problem {
  /** The server's code, or `network`, `bad_answer`, or one of the page's own checks. */
  code: string
  /** The server's own sentence; empty for the page's own codes. */
  message: string
  /** HTTP status; 0 without an answer. */
  status: number
  requestId: string | null
  /** Seconds that the server asks to wait; null when it does not. */
  retryAfter: number | null
}

export class RequestFailed extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.message || problem.code)
    this.problem = problem
  }
}

export const networkProblem = (): Problem => ({
  code: 'network',
  message: '',
  status: 0,
  requestId: null,
  retryAfter: null,
})

/**
 * Reads an error answer. The body should be {error, code, request_id}; whatever stands between the page and the server
 * may answer otherwise, so everything is optional here.
 */
export function problemOf(status: number, body: string, header: (name: string) => string | null): Problem {
  let parsed: { error?: unknown; code?: unknown; request_id?: unknown } = {}
  try {
    const json: unknown = JSON.parse(body)
    if (json !== null && typeof json === 'object') parsed = json
  } catch {
    // not the server's own answer
  }
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null)
  return {
    code: text(parsed.code) ?? `http_${status}`,
    message: text(parsed.error) ?? '',
    status,
    requestId: text(parsed.request_id) ?? header('X-Request-Id'),
    retryAfter: retryAfterSeconds(header('Retry-After')),
  }
}

/** Retry-After as seconds; the HTTP-date form is understood too. */
export function retryAfterSeconds(value: string | null, now = Date.now()): number | null {
  if (value === null) return null
  if (/^\s*\d+\s*$/.test(value)) return Math.max(1, Number(value))
  const date = Date.parse(value)
  return Number.isNaN(date) ? null : Math.max(1, Math.ceil((date - now) / 1000))
}
