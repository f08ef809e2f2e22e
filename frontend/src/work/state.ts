import type { Problem } from '../api/problem'
import type { Info } from '../api/types'
import { emptyQueue, type Queue } from '../logic/queue'

export interface SessionState {
  queue: Queue
  info: Info | null
  infoProblem: Problem | null
  /** The server asked to wait: nothing is started until then. */
  hold: { until: number; problem: Problem } | null
  /** Nothing is started before somebody gives a key. */
  needsKey: boolean
  /** The event stream of a job was lost and is taken up again in so many seconds. */
  streamLost: { seconds: number } | null
}

export const emptyState: SessionState = {
  queue: emptyQueue,
  info: null,
  infoProblem: null,
  hold: null,
  needsKey: false,
  streamLost: null,
}
