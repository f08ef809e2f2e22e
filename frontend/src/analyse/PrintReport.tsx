import { percent } from '../logic/format'
import type { JudgedPicture } from '../logic/judged'
import { readMeasure } from '../logic/measure'
import { corners, place, placeBehind } from '../logic/place'
import type { Entry } from '../logic/queue'
import { bandWords, decidingProbability, reasonSentence, verdictWords } from '../logic/verdict'
import { useObjectUrl } from '../ui/useObjectUrl'
import { VerdictShape } from '../ui/VerdictBadge'
import styles from './PrintReport.module.css'

interface PrintReportProps {
  entry: Entry
  picture: JudgedPicture
  selected: number
  minFace: number | null
}

/** The selected picture on one sheet of paper; only printing shows it. */
export function PrintReport({ entry, picture, selected, minFace }: PrintReportProps) {
  const url = useObjectUrl(entry.file)
  const face = picture.faces[selected]
  const heatmap = useObjectUrl(face?.heatmap ?? null)
  if (!face) return null
  const area = face.heatmap_box ?? face.bbox
  const deciding = decidingProbability(face)
  return (
    <div className={`print-only ${styles.report}`}>
      <header className={styles.head}>
        <strong>dfpipe – report on one picture</strong>
        <span>{new Date().toLocaleString()}</span>
      </header>
      <p className={styles.name}>{entry.file.name}</p>
      <div className={styles.verdict}>
        <VerdictShape verdict={face.verdict} size={28} />
        <div>
          <p className={styles.word}>
            {verdictWords[face.verdict]}
            {deciding && (
              <small>
                {' '}
                probability of fake {percent(deciding.value)}
                {deciding.calibrated ? ', calibrated' : ', not calibrated'}; threshold {picture.threshold.toFixed(3)}
              </small>
            )}
          </p>
          <p>
            {face.whole_picture ? 'Whole picture' : `Face ${selected + 1} of ${picture.faces.length}`}.{' '}
            {face.band && `${bandWords[face.band]}. `}
            {face.reasons.map((reason) => reasonSentence(reason, minFace)).join(' ')}
          </p>
        </div>
      </div>
      {picture.model.caution && <p className={styles.caution}>Mind the model: {picture.model.caution}</p>}
      <div className={styles.pictures}>
        <div
          className={styles.frame}
          style={{
            aspectRatio: `${picture.width} / ${picture.height}`,
            maxWidth: `calc(75mm * ${picture.width / picture.height})`,
          }}
        >
          {url && <img src={url} alt="" />}
          {picture.faces.map(
            (each, i) =>
              each.box && (
                <span
                  key={i}
                  className={i === selected ? styles.chosen : styles.box}
                  style={place(corners(each.box), picture.width, picture.height)}
                >
                  <b>{i + 1}</b>
                </span>
              ),
          )}
        </div>
        {url && heatmap && area && (
          <div className={styles.cut}>
            <img src={url} alt="" style={placeBehind(area, picture.width, picture.height)} />
            <img className={styles.heatmap} src={heatmap} alt="" />
          </div>
        )}
      </div>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>Measurement</th>
            <th>Score</th>
            <th>What was measured (1 is usual in photographs; no part of the probability)</th>
          </tr>
        </thead>
        <tbody>
          {face.heuristics.measures.map((measure) => {
            const reading = readMeasure(measure, face.heuristics.worst)
            return (
              <tr key={measure.name}>
                <td>{reading.name}</td>
                <td>{measure.score?.toFixed(2) ?? '–'}</td>
                <td>
                  {reading.text}
                  {reading.ignore && ` (ignore: ${reading.ignore})`}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {picture.faces.length > 1 && (
        <p>
          All faces:{' '}
          {picture.faces
            .map((each, i) => {
              const probability = decidingProbability(each)
              return `${i + 1} ${verdictWords[each.verdict].toLowerCase()}${probability ? ` (${percent(probability.value)})` : ''}`
            })
            .join(', ')}
        </p>
      )}
      <dl className={styles.facts}>
        <dt>File</dt>
        <dd>
          {picture.format.toUpperCase()}, {picture.width} × {picture.height}, {picture.bytes} bytes, SHA-256{' '}
          {picture.sha256}
        </dd>
        <dt>Model</dt>
        <dd>
          {picture.model.name} ({picture.model.trained ? 'trained' : 'not trained'}), weights SHA-256{' '}
          {picture.model.sha256}
        </dd>
        <dt>Pipeline</dt>
        <dd>
          {picture.graph.name}, SHA-256 {picture.graph.sha256}; request {picture.request_id}
        </dd>
      </dl>
      <p className={styles.limits}>
        A score is a hint, not proof. The model compares a face with what it was trained on; unknown generators,
        compression, resizing and screenshots mislead it in both directions. The heat map shows attention, not forgery.
      </p>
    </div>
  )
}
