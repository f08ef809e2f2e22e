import type { JudgedPicture } from '../logic/judged'
import { placeBehind } from '../logic/place'
import styles from './SideBySide.module.css'

interface SideBySideProps {
  picture: JudgedPicture
  url: string
  heatmap: string
  area: [number, number, number, number]
  opacity: number
}

/** The judged part of the picture alone, and the same part below its heat map. */
export function SideBySide({ picture, url, heatmap, area, opacity }: SideBySideProps) {
  const [left, top, right, bottom] = area
  const shape = { aspectRatio: `${right - left} / ${bottom - top}` }
  const whole = placeBehind(area, picture.width, picture.height)
  return (
    <div className={styles.pair}>
      <figure>
        <div className={styles.cut} style={shape}>
          <img src={url} alt="What the model was given" style={whole} />
        </div>
        <figcaption>What the model was given</figcaption>
      </figure>
      <figure>
        <div className={styles.cut} style={shape}>
          <img src={url} alt="" style={whole} />
          <img src={heatmap} alt="Heat map of the selected face" className={styles.heatmap} style={{ opacity }} />
        </div>
        <figcaption>With the heat map</figcaption>
      </figure>
    </div>
  )
}
