import { useState } from 'react'
import { shortHash } from '../logic/format'
import styles from './Hash.module.css'

/** A hash in short with a button that copies all of it. */
export function Hash({ value, of }: { value: string; of: string }) {
  const [copied, setCopied] = useState(false)
  const copy = () => {
    navigator.clipboard.writeText(value).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  }
  return (
    <span className={styles.hash}>
      <code title={value}>{shortHash(value)}…</code>
      {'clipboard' in navigator && (
        <button
          type="button"
          className="quiet"
          onClick={copy}
          onBlur={() => setCopied(false)}
          aria-label={`Copy the SHA-256 of ${of}`}
        >
          {copied ? 'Copied' : 'Copy'}
        </button>
      )}
      <span role="status" className="hidden">
        {copied ? 'Copied' : ''}
      </span>
    </span>
  )
}
