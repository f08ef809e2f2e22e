import type { Heuristics, Measure } from '../api/types'
import { readMeasure } from '../logic/measure'
import card from '../ui/card.module.css'
import styles from './HeuristicsCard.module.css'

/** Six measurements beside the score. */
export function HeuristicsCard({ heuristics }: { heuristics: Heuristics }) {
  const { measures, total, worst } = heuristics
  const nothing = measures.every((measure) => measure.score === null)
  return (
    <section className={card.card} aria-labelledby="heuristics-title">
      <div className={card.head}>
        <h3 id="heuristics-title">Six measurements</h3>
        <p className={card.soft}>1 is usual in photographs. No part of the score.</p>
      </div>
      {nothing ? (
        <p>Nothing could be measured{measures[0]?.note ? `: ${measures[0].note}` : ''}.</p>
      ) : (
        <ul className={styles.list}>
          {measures.map((measure) => (
            <Row key={measure.name} measure={measure} worst={worst} />
          ))}
        </ul>
      )}
      {!nothing && (
        <p className={styles.total}>
          <span>All together, weighted by how far each may be trusted</span>
          <strong>{total === null ? 'too little to say' : total.toFixed(2)}</strong>
        </p>
      )}
      <p className={card.soft}>
        Pose, light, make-up and compression move these numbers as much as a forgery does. They are hints where to look,
        no evidence.
      </p>
    </section>
  )
}

function Row({ measure, worst }: { measure: Measure; worst: Heuristics['worst'] }) {
  const reading = readMeasure(measure, worst)
  return (
    <li className={reading.ignore || measure.score === null ? styles.ignored : ''}>
      <span className={styles.name}>
        {reading.name}
        {reading.worst && <span className={styles.tag}>lowest</span>}
      </span>
      <span className={styles.bar} aria-hidden="true">
        {measure.score !== null && <span style={{ width: `${100 * measure.score}%` }} />}
      </span>
      <span className={styles.score}>{measure.score === null ? '–' : measure.score.toFixed(2)}</span>
      <span className={styles.note}>
        {reading.text && `${reading.text}. `}
        {measure.value !== null && `Value ${measure.value}`}
        {measure.value !== null &&
          measure.validity !== null &&
          `, validity ${Math.round(100 * measure.validity)}\u00a0%. `}
        {reading.ignore && <strong>Ignore this one: {reading.ignore}.</strong>}
      </span>
    </li>
  )
}
