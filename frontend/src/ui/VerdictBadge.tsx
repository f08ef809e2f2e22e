import type { Verdict } from '../api/types'
import { verdictWords } from '../logic/verdict'
import styles from './VerdictBadge.module.css'

/** A shape for each verdict, so that it never depends on colour alone: a disc, a triangle, a diamond. */
export function VerdictShape({ verdict, size = 18 }: { verdict: Verdict; size?: number }) {
  return (
    <svg className={styles[verdict]} width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      {verdict === 'real' && (
        <>
          <circle cx="10" cy="10" r="8.5" fill="currentColor" />
          <path d="m6 10.3 2.7 2.7L14 7.6" className={styles.mark} />
        </>
      )}
      {verdict === 'fake' && (
        <>
          <path
            d="M10 1.8 19.2 18H.8Z"
            fill="currentColor"
            stroke="currentColor"
            strokeWidth="1.4"
            strokeLinejoin="round"
          />
          <path d="M10 7.3v5M10 15.2v.1" className={styles.mark} />
        </>
      )}
      {verdict === 'inconclusive' && (
        <>
          <path d="M10 .9 19.1 10 10 19.1.9 10Z" fill="currentColor" stroke="currentColor" strokeLinejoin="round" />
          <path d="M6.2 10h7.6" className={styles.mark} />
        </>
      )}
    </svg>
  )
}

export function VerdictBadge({ verdict, note }: { verdict: Verdict; note?: string }) {
  return (
    <span className={`${styles.badge} ${styles[verdict]}`}>
      <VerdictShape verdict={verdict} size={16} />
      <span>
        {verdictWords[verdict]}
        {note && <span className={styles.note}> {note}</span>}
      </span>
    </span>
  )
}
