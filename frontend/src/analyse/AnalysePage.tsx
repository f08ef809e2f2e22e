import { useEffect } from 'react'
import { verdictWords } from '../logic/verdict'
import { session, useSession } from '../work/current'
import styles from './AnalysePage.module.css'
import { Intake } from './Intake'
import { Pending } from './Pending'
import { PictureTable } from './PictureTable'
import { Result } from './Result'
import { Obstacles, Status } from './Status'
import { Welcome } from './Welcome'

/** Pictures in, judgements out. */
export function AnalysePage() {
  const { queue, info } = useSession()
  const { entries, selected } = queue
  const empty = entries.length === 0
  const entry = entries.find(({ id }) => id === selected)
  const stage = entry?.stage
  useEffect(() => {
    if (!session.state.info) void session.loadInfo()
  }, [])
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>Analyse pictures</h1>
        {empty && <p>Judges each face: probably genuine, probably fake, or inconclusive.</p>}
      </div>
      <Obstacles />
      <Intake compact={!empty} />
      {empty ? (
        <Welcome />
      ) : (
        <>
          <div className={styles.list}>
            <Status entries={entries} />
            <PictureTable entries={entries} selected={selected} />
          </div>
          <p role="status" className="hidden">
            {stage?.kind === 'judged' &&
              `${entry?.file.name}: ${stage.picture.faces.map((face) => verdictWords[face.verdict]).join(', ')}`}
          </p>
          {entry &&
            (stage?.kind === 'judged' ? (
              <Result key={entry.id} entry={entry} picture={stage.picture} minFace={info?.min_face ?? null} />
            ) : (
              <Pending key={entry.id} entry={entry} />
            ))}
        </>
      )}
    </div>
  )
}
