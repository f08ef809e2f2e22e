import { historyLength } from './live'
import styles from './Sparkline.module.css'

const width = 120
const height = 36

/** The last minute's pictures a second, beside the figure that says the newest; the newest value is at the right. */
export function Sparkline({ values }: { values: number[] }) {
  if (values.length < 2) return null
  const top = Math.max(...values, 1e-9)
  const step = width / (historyLength - 1)
  const points = values.map((value, index) => {
    const x = width - (values.length - 1 - index) * step
    return `${x.toFixed(1)},${(height - 2 - (height - 4) * (value / top)).toFixed(1)}`
  })
  const first = width - (values.length - 1) * step
  return (
    <svg className={styles.chart} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <polygon points={`${first.toFixed(1)},${height} ${points.join(' ')} ${width},${height}`} />
      <polyline points={points.join(' ')} vectorEffect="non-scaling-stroke" />
    </svg>
  )
}
