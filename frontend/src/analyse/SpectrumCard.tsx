import type { JudgedFace } from '../logic/judged'
import { highestFrequency, profileChart } from '../logic/profile'
import card from '../ui/card.module.css'
import { useObjectUrl } from '../ui/useObjectUrl'
import styles from './SpectrumCard.module.css'

/** What the spectrum branch of the model sees. */
export function SpectrumCard({ face }: { face: JudgedFace }) {
  const url = useObjectUrl(face.spectrum)
  if (!face.spectrum && !face.spectrum_profile) return null
  return (
    <section className={card.card} aria-labelledby="spectrum-title">
      <div className={card.head}>
        <h3 id="spectrum-title">Spectrum</h3>
        <p className={card.soft}>what the model's second branch sees</p>
      </div>
      <div className={styles.pair}>
        {url && (
          <figure>
            <img className={styles.picture} src={url} alt="Log-magnitude spectrum, lowest frequency in the middle" />
            <figcaption className={card.soft}>Log magnitude; the lowest frequency is in the middle</figcaption>
          </figure>
        )}
        {face.spectrum_profile && <Profile values={face.spectrum_profile} />}
      </div>
      <p className={card.soft}>
        Generators may leave regular peaks or too little at high frequencies. So do enlarging, blurring and strong
        compression: the curve alone says nothing.
      </p>
    </section>
  )
}

const width = 300
const height = 150
const frequencies = [0, 0.1, 0.2, 0.3, 0.4, 0.5]

export function Profile({ values }: { values: readonly number[] }) {
  const chart = profileChart(values, width, height)
  if (!chart) return null
  const ends = `from ${values[0]?.toFixed(2)} at the lowest to ${values.at(-1)?.toFixed(2)} at the highest frequency`
  return (
    <figure>
      <svg
        className={styles.chart}
        viewBox={`-34 -8 ${width + 48} ${height + 42}`}
        role="img"
        aria-label={`Mean log magnitude by frequency, ${ends}`}
      >
        {chart.ticks.map(({ value, y }) => (
          <g key={value}>
            <line x1="0" x2={width} y1={y} y2={y} className={styles.grid} />
            <text x="-6" y={y + 4} textAnchor="end">
              {Number(value.toPrecision(3))}
            </text>
          </g>
        ))}
        {frequencies.map((frequency) => {
          const x = (frequency / highestFrequency) * width
          return (
            <g key={frequency}>
              <line x1={x} x2={x} y1={height} y2={height + 4} className={styles.axis} />
              <text x={x} y={height + 17} textAnchor="middle">
                {frequency}
              </text>
            </g>
          )
        })}
        <line x1="0" x2={width} y1={height} y2={height} className={styles.axis} />
        <text x={width / 2} y={height + 32} textAnchor="middle">
          cycles a pixel
        </text>
        <path d={chart.path} className={styles.curve} />
      </svg>
      <figcaption className={card.soft}>Mean log magnitude by distance from the middle</figcaption>
    </figure>
  )
}
