import { request } from '../api/client'
import { followEvents } from '../api/events'
import { RequestFailed, type Problem } from '../api/problem'
import type { Job, JobEntry, Picture, PictureError } from '../api/types'
import { upload } from '../api/upload'
import { judged } from '../logic/judged'
import { shareProgress } from '../logic/limits'
import type { Action, Entry } from '../logic/queue'

export interface SendOptions {
  signal: AbortSignal
  dispatch: (action: Action) => void
  onStream: (lost: { seconds: number } | null) => void
}

/** One picture, one request. */
export async function sendPicture(entries: readonly Entry[], options: SendOptions): Promise<void> {
  const picture = await send<Picture>('/predict', entries, options)
  const entry = entries[0]
  if (entry) options.dispatch({ type: 'judged', id: entry.id, picture: judged(picture) })
}

/** Many pictures, one job; their results come as events. */
export async function sendJob(entries: readonly Entry[], options: SendOptions): Promise<void> {
  const { dispatch, signal, onStream } = options
  const job = await send<Job>('/v1/jobs', entries, options)
  const forget = () => void request(`/v1/jobs/${job.id}`, { method: 'DELETE' }).catch(() => undefined)
  signal.addEventListener('abort', forget, { once: true })
  try {
    await followEvents(`/v1/jobs/${job.id}/events`, {
      signal,
      onState: (state) => onStream(state.kind === 'lost' ? { seconds: state.seconds } : null),
      onEvent: (event) => {
        if (event.event === 'result') take(entries, JSON.parse(event.data) as JobEntry, dispatch)
        return event.event === 'end'
      },
    })
  } catch (error) {
    if (error instanceof RequestFailed && error.problem.status === 404) {
      throw new RequestFailed({ ...error.problem, code: 'job_lost' })
    }
    throw error
  } finally {
    onStream(null)
    signal.removeEventListener('abort', forget)
  }
  // The end came: what has no result by now will not get one.
  const lost: Problem = { code: 'job_lost', message: '', status: 0, requestId: null, retryAfter: null }
  dispatch({ type: 'failed', ids: entries.map((entry) => entry.id), problem: lost })
  forget()
}

function send<T>(path: string, entries: readonly Entry[], { signal, dispatch }: SendOptions): Promise<T> {
  const ids = entries.map((entry) => entry.id)
  const sizes = entries.map((entry) => entry.file.size)
  return upload<T>(
    path,
    entries.map((entry) => entry.file),
    {
      signal,
      onSent: (sent, total) => {
        const shares = shareProgress(sizes, sent, total)
        dispatch({ type: 'sent', sent: new Map(ids.map((id, i) => [id, shares[i] ?? 0])) })
      },
      onWaiting: () => dispatch({ type: 'waiting', ids }),
    },
  )
}

function take(entries: readonly Entry[], { index, result }: JobEntry, dispatch: SendOptions['dispatch']) {
  const entry = entries[index]
  if (!entry) return
  if ('faces' in result) dispatch({ type: 'judged', id: entry.id, picture: judged(result) })
  else dispatch({ type: 'failed', ids: [entry.id], problem: problemOfEntry(result) })
}

const problemOfEntry = (error: PictureError): Problem => ({
  code: error.code,
  message: error.error,
  status: 0,
  requestId: error.request_id,
  retryAfter: null,
})
