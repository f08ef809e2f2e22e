import type { ReactNode } from 'react'
import styles from './Notice.module.css'

/** Something that must be seen: `caution` about what a number means, `problem` when something failed, `info` else. */
export function Notice({ kind, children }: { kind: 'caution' | 'problem' | 'info'; children: ReactNode }) {
  return (
    <div className={`${styles.notice} ${styles[kind]}`}>
      <svg
        width="20"
        height="20"
        viewBox="0 0 20 20"
        aria-hidden="true"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
      >
        {kind === 'info' ? <circle cx="10" cy="10" r="8" /> : <path d="M10 2.5 18.5 17h-17Z" strokeLinejoin="round" />}
        <path d={kind === 'info' ? 'M10 9v5M10 6.2v.1' : 'M10 7.8v4.4M10 14.5v.1'} strokeLinecap="round" />
      </svg>
      <div className={styles.body}>{children}</div>
    </div>
  )
}
