import type { Entry } from '../logic/queue'
import { stateWords } from '../logic/table'
import { problemWords } from '../logic/words'
import card from '../ui/card.module.css'
import { Hash } from '../ui/Hash'
import { useObjectUrl } from '../ui/useObjectUrl'
import { session } from '../work/current'
import styles from './Pending.module.css'
import { RequestId } from './Status'

/** The selected picture before there is a result, or instead of one. */
export function Pending({ entry }: { entry: Entry }) {
  const url = useObjectUrl(entry.facts ? entry.file : null)
  const { stage } = entry
  return (
    <section id="selected" className={`${card.card} ${styles.pending}`} aria-labelledby="pending-title">
      <div className={styles.text}>
        <h2 id="pending-title">{entry.file.name}</h2>
        {'problem' in stage ? (
          <Trouble entry={entry} problem={stage.problem} />
        ) : (
          <>
            <p>{stateWords(stage, entry.file.size)}</p>
            {stage.kind === 'uploading' && (
              <progress value={stage.sent} max={Math.max(1, entry.file.size)} aria-label="Uploaded" />
            )}
          </>
        )}
        {entry.sha256 && (
          <p className={card.soft}>
            SHA-256 <Hash value={entry.sha256} of="the file" />
          </p>
        )}
      </div>
      {url && <img className={styles.picture} src={url} alt="" />}
    </section>
  )
}

function Trouble({
  entry,
  problem,
}: {
  entry: Entry
  problem: Extract<Entry['stage'], { problem: unknown }>['problem']
}) {
  const words = problemWords(problem)
  return (
    <>
      <p className={styles.title}>{words.title}</p>
      {problem.message && problem.message !== words.title && <p>The server says: {problem.message}</p>}
      {words.hint && <p>{words.hint}</p>}
      {!problem.code.startsWith('page_') && (
        <p className={card.soft}>
          Code <code>{problem.code}</code>
          {problem.status > 0 && `, HTTP ${problem.status}`}. <RequestId id={problem.requestId} />
        </p>
      )}
      {words.again && entry.stage.kind === 'failed' && (
        <p>
          <button type="button" className="primary" onClick={() => session.retry([entry.id])}>
            Try again
          </button>
        </p>
      )}
    </>
  )
}
