import type { Verdict } from '../api/types'
import { percent } from '../logic/format'
import styles from './ProbabilityBar.module.css'

interface ProbabilityBarProps {
  value: number
  threshold: number
  verdict: Verdict
}

/** A probability of fake on the line from 0 to 1, with the threshold that decides. */
export function ProbabilityBar({ value, threshold, verdict }: ProbabilityBarProps) {
  return (
    <div
      className={`${styles.bar} ${styles[verdict]}`}
      role="img"
      aria-label={`Probability of fake ${percent(value)}, threshold ${percent(threshold)}`}
    >
      <div className={styles.track}>
        <div className={styles.fill} style={{ width: `${100 * value}%` }} />
        <div className={styles.threshold} style={{ left: `${100 * threshold}%` }} />
      </div>
      <div className={styles.scale}>
        <span>0 genuine</span>
        <span className={styles.at} style={{ left: `clamp(4.5rem, ${100 * threshold}%, 100% - 4.5rem)` }}>
          {threshold.toFixed(2)}
        </span>
        <span>fake 1</span>
      </div>
    </div>
  )
}
