import { useEffect } from 'react'
import card from '../ui/card.module.css'
import { Notice } from '../ui/Notice'
import { session, useSession } from '../work/current'
import { Limits } from './Limits'
import styles from './MethodPage.module.css'
import { ThisServer } from './ThisServer'

/** What the method is and what it cannot say. */
export function MethodPage() {
  const { info } = useSession()
  useEffect(() => {
    if (!session.state.info) void session.loadInfo()
  }, [])
  return (
    <div className={styles.page}>
      <div className={styles.intro}>
        <h1>Method and limits</h1>
        <p className={styles.lead}>
          A score is a hint where to look closer. It is no proof that a picture is forged, and none that it is genuine.
        </p>
        {info?.model.caution && (
          <Notice kind="caution">
            <p>
              <strong>The model on this server, “{info.model.name}”:</strong> {info.model.caution}
            </p>
          </Notice>
        )}
      </div>
      <div className={styles.columns}>
        <div className={styles.text}>
          <section>
            <h2>What happens to a picture</h2>
            <ol>
              <li>It is decoded and turned upright as its EXIF orientation says.</li>
              <li>Faces are found; each is cut out with a margin and judged by itself.</li>
              <li>
                A vision transformer looks at the pixels, and a small network at the face's frequency spectrum. Both
                together give the probability of “fake”.
              </li>
              <li>
                The probability is compared with a threshold. Close to it, or where the face is too small, the answer is
                “inconclusive”.
              </li>
              <li>
                Beside that, never mixed into it, the attention of the network is drawn and six things are measured.
              </li>
            </ol>
          </section>
          <section>
            <h2>What a score is</h2>
            <p>
              It says how much a face resembles the forgeries the model was trained on, compared with the genuine faces
              it was trained on. Weak, moderate and strong say how far the probability is from the threshold, not how
              likely the model is right. Only a calibrated probability can be read as a frequency, and only for pictures
              like those it was calibrated on.
            </p>
            <p>
              False alarms are certain to happen. If one picture in a thousand is forged and a model is right in 95 of
              100 cases, about 98 of 100 alarms are false.
            </p>
          </section>
          <Limits />
          <section>
            <h2>The heat map</h2>
            <p>
              It is an attention roll-out: it multiplies the attention of all layers to show which parts reached the
              transformer's summary. It is the same for either verdict, knows nothing of the spectrum branch, and marks
              no forged regions.
            </p>
          </section>
          <section>
            <h2>The six measurements</h2>
            <p>
              Symmetry, eyes, skin texture, edges, lighting and noise are compared with what real photographs measure.
              Pose, light, make-up, lenses and compression move them as much as a forgery does, so they are no evidence.
              Each comes with its validity; what is hardly valid is marked, and should be ignored.
            </p>
          </section>
          <section>
            <h2>EXIF data and recompression</h2>
            <p>
              EXIF data can be removed and forged with a click; the score does not use them, except to turn the picture.
              Messengers and social networks shrink and recompress pictures, and a screenshot makes new pixels: most
              traces a model could find are then gone, and new ones are added. Always judge the earliest copy you can
              get, and compare the SHA-256 when you pass a file on.
            </p>
          </section>
          <section>
            <h2>Pictures and people</h2>
            <p>
              Pictures go to this server only. It keeps them in memory while it judges them and writes none of them to
              disk or to a log. Faces are found, not recognised: nobody is identified, no biometric template is made or
              compared.
            </p>
          </section>
        </div>
        <aside className={styles.aside} aria-label="This server">
          <ThisServer />
          <section className={card.card} aria-labelledby="programs-title">
            <div className={card.head}>
              <h2 id="programs-title">For programs</h2>
            </div>
            <ul className={styles.links}>
              <li>
                <a href="/openapi.json">/openapi.json</a> describes every request and answer
              </li>
              <li>
                <a href="/metrics">/metrics</a> has the numbers for Prometheus
              </li>
            </ul>
            <pre className={styles.code} tabIndex={0} role="region" aria-label="Example">
              curl -F image=@face.jpg {location.origin}/predict
            </pre>
          </section>
        </aside>
      </div>
    </div>
  )
}
