import styles from './Legend.module.css'

/** What the colours of a heat map mean, and what they do not. */
export function Legend() {
  return (
    <div className={styles.legend}>
      <div className={styles.scale}>
        <span>less attention</span>
        <span className={styles.colours} role="img" aria-label="From blue over cyan and yellow to red" />
        <span>more attention</span>
      </div>
      <p>
        The attention roll-out: which parts the picture branch looked at. It knows neither the verdict nor the spectrum
        branch, so red does not mean fake.
      </p>
    </div>
  )
}
