import { useEffect, useState } from 'react'
import { apiKey } from '../api/key'
import { count } from '../logic/format'
import { isUnderWay, tally, type Entry } from '../logic/queue'
import { problemWords } from '../logic/words'
import { Notice } from '../ui/Notice'
import { session, useSession } from '../work/current'
import styles from './Status.module.css'

/** How far the queue is, in words and as a bar, with what can be done about all of it. */
export function Status({ entries }: { entries: readonly Entry[] }) {
  const { all, judged, failed, cancelled, underWay } = tally(entries)
  const done = all - underWay
  const words = [
    `${judged} of ${count(all, 'picture')} judged`,
    failed > 0 && `${failed} not judged`,
    cancelled > 0 && `${cancelled} cancelled`,
  ]
  const again = entries.filter((entry) => entry.stage.kind === 'failed' && problemWords(entry.stage.problem).again)
  return (
    <div className={styles.status}>
      <p role="status">{words.filter(Boolean).join(', ')}</p>
      {underWay > 0 && <progress value={done} max={all} aria-label="Pictures done" />}
      <div className={styles.buttons}>
        {again.length > 1 && (
          <button type="button" onClick={() => session.retry(again.map((entry) => entry.id))}>
            Retry {again.length}
          </button>
        )}
        {underWay > 0 ? (
          <button type="button" onClick={() => session.cancel(entries.filter(isUnderWay).map((entry) => entry.id))}>
            Cancel all
          </button>
        ) : (
          <button type="button" className="quiet" onClick={() => session.remove(entries.map((entry) => entry.id))}>
            Clear list
          </button>
        )}
      </div>
    </div>
  )
}

/** What stands in the way of the queue as a whole. */
export function Obstacles() {
  const { hold, needsKey, infoProblem, streamLost } = useSession()
  return (
    <div className={styles.obstacles} role="status">
      {needsKey && (
        <Notice kind="problem">
          <p>
            <strong>The server wants an API key.</strong> The queue goes on when you give it.
          </p>
          <button type="button" onClick={() => apiKey.ask()}>
            Enter the key
          </button>
        </Notice>
      )}
      {hold && (
        <Notice kind="caution">
          <p>
            <strong>{problemWords(hold.problem).title}.</strong> It asked to wait. <Countdown until={hold.until} />
            <RequestId id={hold.problem.requestId} />
          </p>
          <button type="button" onClick={session.tryNow}>
            Try now
          </button>
        </Notice>
      )}
      {streamLost && (
        <Notice kind="caution">
          <p>
            The connection to the running job was lost. It is taken up again in {Math.ceil(streamLost.seconds)} s, where
            it stopped.
          </p>
        </Notice>
      )}
      {infoProblem && !needsKey && infoProblem.status !== 401 && (
        <Notice kind="problem">
          <p>
            <strong>The server does not tell its limits and its model.</strong> {problemWords(infoProblem).title}.
          </p>
          <button type="button" onClick={() => void session.loadInfo()}>
            Try again
          </button>
        </Notice>
      )}
    </div>
  )
}

export const RequestId = ({ id }: { id: string | null }) =>
  id && (
    <span className={styles.request}>
      {' '}
      Request <code>{id}</code>
    </span>
  )

/** Seconds until a moment, by the clock. Silent for screen readers, who heard of the wait when it began. */
function Countdown({ until }: { until: number }) {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [])
  return <span aria-hidden="true">Next try in {Math.max(0, Math.ceil((until - now) / 1000))} s.</span>
}
