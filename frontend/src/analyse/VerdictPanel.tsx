import type { JudgedFace, JudgedPicture } from '../logic/judged'
import { percent } from '../logic/format'
import { bandWords, decidingProbability, reasonSentence, verdictWords } from '../logic/verdict'
import { Notice } from '../ui/Notice'
import { VerdictShape } from '../ui/VerdictBadge'
import { ProbabilityBar } from './ProbabilityBar'
import styles from './VerdictPanel.module.css'

interface VerdictPanelProps {
  picture: JudgedPicture
  face: JudgedFace
  number: number
  minFace: number | null
}

/** What the server says of one face, and what must be known beside it. */
export function VerdictPanel({ picture, face, number, minFace }: VerdictPanelProps) {
  const deciding = decidingProbability(face)
  return (
    <section className={`${styles.panel} ${styles[face.verdict]}`} aria-labelledby="verdict-title">
      <h3 id="verdict-title" className={styles.of}>
        {face.whole_picture ? 'Whole picture' : `Face ${number} of ${picture.faces.length}`}
      </h3>
      <p className={styles.verdict}>
        <VerdictShape verdict={face.verdict} size={30} />
        {verdictWords[face.verdict]}
      </p>
      {face.band && <p className={styles.band}>{bandWords[face.band]}.</p>}
      {face.reasons.map((reason) => (
        <p key={reason} className={styles.band}>
          {reasonSentence(reason, minFace)}
        </p>
      ))}
      {picture.model.caution && (
        <Notice kind="caution">
          <p>
            <strong>Mind the model:</strong> {picture.model.caution}
          </p>
        </Notice>
      )}
      {!picture.model.trained && !face.reasons.includes('untrained') && (
        <Notice kind="caution">
          <p>The model has not been trained.</p>
        </Notice>
      )}
      {deciding && (
        <div className={styles.probability}>
          <p className={styles.number}>
            <span>
              {face.whole_picture ? 'The number for the whole picture' : 'Probability of fake'}
              {deciding.calibrated ? ', calibrated' : ''}
            </span>
            <strong>{percent(deciding.value)}</strong>
          </p>
          <ProbabilityBar value={deciding.value} threshold={picture.threshold} verdict={face.verdict} />
          <p className={styles.remark}>
            {deciding.calibrated
              ? `The calibrated probability decides, at the calibration's threshold. The model's own number is ${face.probability === null ? 'missing' : percent(face.probability)}.`
              : 'The model has no calibration: its number is no measured frequency, and 0.5 is only a convention.'}
          </p>
        </div>
      )}
      {face.problems.length > 0 && (
        <Notice kind="problem">
          <div>
            <p>Beside the score, this failed:</p>
            <ul>
              {face.problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </div>
        </Notice>
      )}
    </section>
  )
}
