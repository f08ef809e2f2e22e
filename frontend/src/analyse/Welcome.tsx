import { useSession } from '../work/current'
import { Link } from '../shell/Link'
import { Notice } from '../ui/Notice'
import styles from './Welcome.module.css'

/** What the empty page tells: what comes, what it cannot say, where pictures go. */
export function Welcome() {
  const { info } = useSession()
  return (
    <>
      {info?.model.caution && (
        <Notice kind="caution">
          <p>
            <strong>Mind the model “{info.model.name}”:</strong> {info.model.caution}
          </p>
        </Notice>
      )}
      <div className={styles.columns}>
        <section>
          <h2>What you get</h2>
          <p>
            For each face a verdict in words, a probability with its threshold, where the model looked, the spectrum and
            six measurements, with what to ignore.
          </p>
        </section>
        <section>
          <h2>What it cannot say</h2>
          <p>
            That a picture is genuine or forged. Unknown generators, compression and screenshots mislead the model, both
            ways. <Link href="/method">Read the limits</Link> before you rely on a score.
          </p>
        </section>
        <section>
          <h2>Where pictures go</h2>
          <p>
            To this server and nowhere else. It keeps none. This page remembers them until you clear the list or close
            the tab.
          </p>
        </section>
      </div>
    </>
  )
}
