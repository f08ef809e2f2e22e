import { useEffect, useState } from 'react'
import { shortHash } from '../logic/format'
import { problemWords } from '../logic/words'
import type { Connection, Live } from './live'
import { age, duration, rate, whole } from './rates'
import { Sparkline } from './Sparkline'
import styles from './Summary.module.css'

/** The pipeline's name, whether the numbers are live, and how it does as a whole. */
export function Summary({ live, onRetry }: { live: Live; onRetry: () => void }) {
  const { graph, stats } = live
  return (
    <header>
      <div className={styles.title}>
        <h1>{graph ? `Pipeline ${graph.name}` : 'Pipeline'}</h1>
        {graph && (
          <span className={styles.hash}>
            SHA-256 <code title={graph.sha256}>{shortHash(graph.sha256)}</code>
          </span>
        )}
        <State connection={live.connection} onRetry={onRetry} />
      </div>
      <dl className={styles.figures} data-stale={live.connection.kind !== 'live'}>
        <div className={styles.wide}>
          <dt>Pictures</dt>
          <dd>{stats ? rate(stats.pictures_per_second) : '–'}</dd>
          <Sparkline values={live.history} />
        </div>
        <Figure name="In flight" value={stats && whole(stats.live)} of={graph && whole(graph.credits)} />
        <Figure name="Waiting" value={stats && whole(stats.queue)} of={stats && whole(stats.queue_capacity)} />
        <Figure name="Median time" value={stats && duration(stats.p50)} of={null} />
        <Figure name="95 % within" value={stats && duration(stats.p95)} of={null} />
        <Figure name="Judged" value={stats && whole(stats.ok)} of={null} />
        <Figure name="Failed" value={stats && whole(stats.failed)} of={null} />
        <Figure name="Given up" value={stats && whole(stats.stopped)} of={null} />
        <Figure name="Up for" value={stats && age(stats.uptime)} of={null} />
      </dl>
    </header>
  )
}

function Figure({ name, value, of }: { name: string; value: string | null; of: string | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value ?? '–'}
        {of !== null && <span className={styles.of}> of {of}</span>}
      </dd>
    </div>
  )
}

function State({ connection, onRetry }: { connection: Connection; onRetry: () => void }) {
  const words = connection.kind === 'lost' ? problemWords(connection.problem).title : ''
  return (
    <div className={styles.state} data-kind={connection.kind}>
      <span className={styles.lamp} aria-hidden="true" />
      <span role="status">
        {connection.kind === 'live' && 'Live'}
        {connection.kind === 'loading' && 'Connecting …'}
        {connection.kind === 'lost' && `${words}.`}
        {connection.kind === 'failed' && 'Not connected'}
      </span>
      {connection.kind === 'lost' && (
        <>
          <Countdown until={connection.until} />
          <button type="button" onClick={onRetry}>
            Try now
          </button>
        </>
      )}
    </div>
  )
}

/** Not read out: every second would be too often. */
function Countdown({ until }: { until: number }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.max(0, Math.ceil((until - now) / 1000))
  return <span aria-hidden="true">{seconds > 0 ? `Next try in ${seconds} s` : 'Trying …'}</span>
}
