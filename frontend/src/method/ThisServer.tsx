import { bytes, megapixels } from '../logic/format'
import card from '../ui/card.module.css'
import { Hash } from '../ui/Hash'
import { useSession } from '../work/current'

/** The model and the limits of the server, as it tells them. */
export function ThisServer() {
  const { info, infoProblem } = useSession()
  return (
    <section className={card.card} aria-labelledby="server-title">
      <div className={card.head}>
        <h2 id="server-title">This server</h2>
      </div>
      {info ? (
        <dl className={card.facts}>
          <dt>Version</dt>
          <dd>
            {info.name} {info.version}
          </dd>
          <dt>Model</dt>
          <dd>
            {info.model.name}, {info.model.trained ? 'trained' : 'not trained'},{' '}
            {info.model.calibrated ? 'calibrated' : 'not calibrated'}
          </dd>
          <dt>Its weights</dt>
          <dd>
            <Hash value={info.model.sha256} of="the model" />
          </dd>
          <dt>Threshold</dt>
          <dd>{info.threshold.toFixed(3)}</dd>
          <dt>Least face</dt>
          <dd>{info.min_face} pixels</dd>
          <dt>Takes</dt>
          <dd>
            JPEG, PNG, WebP; {bytes(info.limits.upload_bytes)} and {megapixels(info.limits.pixels)} a picture;{' '}
            {info.limits.job_files} pictures and {bytes(info.limits.job_bytes)} a job
          </dd>
          <dt>Pipeline</dt>
          <dd>
            <Hash value={info.graph.sha256} of="the pipeline" />
          </dd>
        </dl>
      ) : (
        <p role="status">
          {infoProblem ? 'The server does not tell its model and limits now.' : 'Asking the server …'}
        </p>
      )}
    </section>
  )
}
