import { useState } from 'react'
import { count } from '../logic/format'
import type { JudgedPicture } from '../logic/judged'
import type { Entry } from '../logic/queue'
import { mostSuspicious } from '../logic/verdict'
import card from '../ui/card.module.css'
import { FaceList } from './FaceList'
import { FileCard } from './FileCard'
import { HeuristicsCard } from './HeuristicsCard'
import { ModelCard } from './ModelCard'
import { PrintReport } from './PrintReport'
import styles from './Result.module.css'
import { SpectrumCard } from './SpectrumCard'
import { Stage } from './Stage'
import { VerdictPanel } from './VerdictPanel'

interface ResultProps {
  entry: Entry
  picture: JudgedPicture
  minFace: number | null
}

/** All that is known of one judged picture. Mount it with a key: the selected face belongs to the picture. */
export function Result({ entry, picture, minFace }: ResultProps) {
  const [selected, setSelected] = useState(() => mostSuspicious(picture.faces))
  const face = picture.faces[selected]
  return (
    <>
      <article className={styles.result} aria-labelledby="result-title">
        <div id="selected" className={styles.title}>
          <div>
            <h2 id="result-title">{entry.file.name}</h2>
            <p className={card.soft}>
              {picture.face_detected ? `${count(picture.face_count, 'face')} found` : 'No face found'}
            </p>
          </div>
          <button type="button" onClick={() => window.print()}>
            Print report
          </button>
        </div>
        <div className={styles.main}>
          <div className={styles.column}>
            <div className={card.card}>
              <Stage file={entry.file} picture={picture} selected={selected} onSelect={setSelected} />
            </div>
            {face && <SpectrumCard face={face} />}
            <FileCard entry={entry} picture={picture} />
          </div>
          <div className={styles.column}>
            <div className={`${card.card} ${styles.judgement}`}>
              {picture.faces.length > 1 && (
                <FaceList faces={picture.faces} selected={selected} onSelect={setSelected} />
              )}
              {face && <VerdictPanel picture={picture} face={face} number={selected + 1} minFace={minFace} />}
            </div>
            {face && <HeuristicsCard heuristics={face.heuristics} />}
            <ModelCard picture={picture} />
          </div>
        </div>
      </article>
      {face && <PrintReport entry={entry} picture={picture} selected={selected} minFace={minFace} />}
    </>
  )
}
