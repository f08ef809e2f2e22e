import { memo } from 'react'
import { bytes, count, percent } from '../logic/format'
import { isUnderWay, type Entry } from '../logic/queue'
import { toRow } from '../logic/table'
import { problemWords } from '../logic/words'
import { VerdictBadge } from '../ui/VerdictBadge'
import { session } from '../work/current'
import styles from './PictureTable.module.css'

/** One picture of the table. Redrawn only when its entry changes. */
export const PictureRow = memo(function PictureRow({ entry, current }: { entry: Entry; current: boolean }) {
  const { stage, file } = entry
  const { summary, faces, state } = toRow(entry)
  const open = () => {
    session.select(entry.id)
    // Where the list fills the window, as on a telephone, what was opened would stand below it, unseen.
    requestAnimationFrame(() => document.getElementById('selected')?.scrollIntoView({ block: 'nearest' }))
  }
  return (
    <tr className={current ? styles.current : ''}>
      <th scope="row">
        <button
          type="button"
          className={`quiet ${styles.open}`}
          aria-current={current ? 'true' : undefined}
          onClick={open}
        >
          {entry.thumbnail ? (
            <img className={styles.thumbnail} src={entry.thumbnail} alt="" />
          ) : (
            <span className={styles.thumbnail} />
          )}
          <span className={styles.name}>
            <span>{file.name}</span>
            <small>
              {bytes(file.size)}
              <span className={styles.narrow}>
                {stage.kind === 'judged' ? `, ${count(faces ?? 0, 'face')}` : `, ${state}`}
              </span>
            </small>
          </span>
        </button>
      </th>
      <td className={styles.wide}>{faces ?? ''}</td>
      <td>
        {summary && (
          <VerdictBadge
            verdict={summary.verdict}
            {...(summary.of > 1 ? { note: `${summary.faces} of ${summary.of}` } : {})}
          />
        )}
        {summary?.probability != null && (
          <small className={`${styles.narrow} ${styles.soft}`}>{percent(summary.probability)}</small>
        )}
      </td>
      <td className={styles.wide}>{summary?.probability != null && <Amount value={summary.probability} />}</td>
      <td className={`${styles.wide} ${styles.state}`}>
        <State entry={entry} words={state} />
      </td>
      <td className={styles.actions}>
        {'problem' in stage && stage.kind === 'failed' && problemWords(stage.problem).again && (
          <button type="button" onClick={() => session.retry([entry.id])} aria-label={`Retry ${file.name}`}>
            Retry
          </button>
        )}
        {stage.kind === 'cancelled' && (
          <button type="button" onClick={() => session.retry([entry.id])} aria-label={`Queue again: ${file.name}`}>
            Queue again
          </button>
        )}
        {isUnderWay(entry) ? (
          <button
            type="button"
            className="quiet"
            onClick={() => session.cancel([entry.id])}
            aria-label={`Cancel ${file.name}`}
          >
            Cancel
          </button>
        ) : (
          <button
            type="button"
            className="quiet"
            onClick={() => session.remove([entry.id])}
            aria-label={`Remove ${file.name}`}
          >
            <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
              <path d="M2 2 12 12M12 2 2 12" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />
            </svg>
          </button>
        )}
      </td>
    </tr>
  )
})

function Amount({ value }: { value: number }) {
  return (
    <span className={styles.amount}>
      <span className={styles.meter} aria-hidden="true">
        <span style={{ width: `${100 * value}%` }} />
      </span>
      {percent(value)}
    </span>
  )
}

function State({ entry, words }: { entry: Entry; words: string }) {
  const { stage, file } = entry
  if (stage.kind === 'uploading') {
    return (
      <>
        {words}
        <progress value={stage.sent} max={Math.max(1, file.size)} aria-label={`${file.name}: uploaded`} />
      </>
    )
  }
  return <span className={stage.kind === 'failed' || stage.kind === 'refused' ? styles.bad : ''}>{words}</span>
}
