import type { JudgedPicture } from '../logic/judged'
import card from '../ui/card.module.css'
import { Hash } from '../ui/Hash'

/** Which model and pipeline judged the picture, precisely enough to do it again. */
export function ModelCard({ picture }: { picture: JudgedPicture }) {
  const { model, graph } = picture
  return (
    <section className={card.card} aria-labelledby="model-title">
      <div className={card.head}>
        <h3 id="model-title">Model and pipeline</h3>
      </div>
      <dl className={card.facts}>
        <dt>Model</dt>
        <dd>
          <strong>{model.name}</strong>, {model.trained ? 'trained' : 'not trained'},{' '}
          {model.calibrated ? 'calibrated' : 'not calibrated'}
        </dd>
        <dt>Its weights</dt>
        <dd>
          <Hash value={model.sha256} of="the model" />
        </dd>
        <dt>Architecture</dt>
        <dd>{model.architecture}</dd>
        <dt>Computed on</dt>
        <dd>
          {model.device}, {model.precision}
        </dd>
        <dt>Threshold</dt>
        <dd>
          {picture.threshold.toFixed(3)} {model.calibrated ? "(the calibration's)" : '(no calibration)'}
        </dd>
        <dt>Pipeline</dt>
        <dd>{graph.name}</dd>
        <dt>Its file</dt>
        <dd>
          <Hash value={graph.sha256} of="the pipeline" />
        </dd>
      </dl>
    </section>
  )
}
