import { useEffect, useReducer, useState, useSyncExternalStore, type Dispatch } from 'react'
import { getJson } from '../api/client'
import { followEvents, sleep } from '../api/events'
import { apiKey } from '../api/key'
import { networkProblem, RequestFailed } from '../api/problem'
import type { Graph, Stats } from '../api/types'
import { liveReducer, nothingYet, type Live, type LiveEvent } from './live'

/** The running pipeline and its numbers, for as long as the page is looked at; the second value tries again at once. */
export function useLive(): [Live, () => void] {
  const [live, dispatch] = useReducer(liveReducer, nothingYet)
  const [attempt, setAttempt] = useState(0)
  const key = useSyncExternalStore(apiKey.subscribe, apiKey.get)
  const visible = useSyncExternalStore(onVisibility, () => document.visibilityState !== 'hidden')
  useEffect(() => {
    if (!visible) return
    const control = new AbortController()
    follow(dispatch, control.signal).catch((error: unknown) => {
      if (control.signal.aborted) return
      dispatch({ kind: 'failed', problem: error instanceof RequestFailed ? error.problem : networkProblem() })
    })
    return () => control.abort()
  }, [attempt, key, visible])
  return [live, () => setAttempt((count) => count + 1)]
}

function onVisibility(listener: () => void) {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}

const secondsBetweenTries = 3

async function follow(dispatch: Dispatch<LiveEvent>, signal: AbortSignal): Promise<void> {
  dispatch({ kind: 'loading' })
  await loadGraph(dispatch, signal)
  let lost = false
  await followEvents('/v1/stats', {
    signal,
    tries: Infinity,
    onEvent: (event) => {
      if (event.event === 'stats') dispatch({ kind: 'stats', stats: JSON.parse(event.data) as Stats })
    },
    onState: (state) => {
      if (state.kind === 'lost') dispatch({ kind: 'lost', problem: state.problem, until: Date.now() + 1000 * state.seconds })
      // After a restart the server may run another pipeline.
      else if (lost) void loadGraph(dispatch, signal).catch(() => undefined)
      lost = state.kind === 'lost'
    },
  })
}

async function loadGraph(dispatch: Dispatch<LiveEvent>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      dispatch({ kind: 'graph', graph: await getJson<Graph>('/v1/graph', { signal }) })
      return
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error
      const { problem } = error
      if (problem.status >= 400 && problem.status < 500 && problem.status !== 429) throw error
      const seconds = problem.retryAfter ?? secondsBetweenTries
      dispatch({ kind: 'lost', problem, until: Date.now() + 1000 * seconds })
      await sleep(1000 * seconds, signal)
    }
  }
}
