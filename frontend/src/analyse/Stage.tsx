import { useRef, useState, type KeyboardEvent } from 'react'
import type { JudgedFace, JudgedPicture } from '../logic/judged'
import { arrowTarget, corners, place } from '../logic/place'
import { verdictWords } from '../logic/verdict'
import { useObjectUrl } from '../ui/useObjectUrl'
import { Legend } from './Legend'
import { SideBySide } from './SideBySide'
import styles from './Stage.module.css'

type View = 'picture' | 'overlay' | 'side'
const views: { value: View; name: string }[] = [
  { value: 'picture', name: 'Picture' },
  { value: 'overlay', name: 'Overlay' },
  { value: 'side', name: 'Side by side' },
]

interface StageProps {
  file: File
  picture: JudgedPicture
  selected: number
  onSelect: (face: number) => void
}

/** The picture with its faces, and the heat map of the selected one. */
export function Stage({ file, picture, selected, onSelect }: StageProps) {
  const [view, setView] = useState<View>('picture')
  const [opacity, setOpacity] = useState(50)
  const url = useObjectUrl(file)
  const face = picture.faces[selected]
  const heatmap = useObjectUrl(face?.heatmap ?? null)
  const area = face?.heatmap_box ?? face?.bbox ?? null
  const shown = heatmap && area ? view : 'picture'
  return (
    <div>
      <div className={styles.controls}>
        <fieldset className={styles.views}>
          <legend className="hidden">View</legend>
          {views.map(({ value, name }) => (
            <label key={value}>
              <input
                type="radio"
                name="view"
                checked={shown === value}
                disabled={value !== 'picture' && !(heatmap && area)}
                onChange={() => setView(value)}
              />
              <span>{name}</span>
            </label>
          ))}
        </fieldset>
        {shown !== 'picture' && (
          <label className={styles.opacity}>
            Heat map
            <input
              type="range"
              min="0"
              max="100"
              value={opacity}
              onChange={(event) => setOpacity(Number(event.target.value))}
              aria-valuetext={`${opacity} percent opaque`}
            />
            <output>{opacity} %</output>
          </label>
        )}
      </div>
      {shown === 'side' && url && heatmap && area ? (
        <SideBySide picture={picture} url={url} heatmap={heatmap} area={area} opacity={opacity / 100} />
      ) : (
        <Frame picture={picture} url={url} selected={selected} onSelect={onSelect} name={file.name}>
          {shown === 'overlay' && heatmap && area && (
            <img
              className={styles.heatmap}
              src={heatmap}
              alt="Heat map of the selected face"
              style={{ ...place(area, picture.width, picture.height), opacity: opacity / 100 }}
            />
          )}
        </Frame>
      )}
      {shown !== 'picture' && <Legend />}
      {!(heatmap && area) && (
        <p className={styles.remark}>There is no heat map for this {face?.whole_picture ? 'picture' : 'face'}.</p>
      )}
    </div>
  )
}

interface FrameProps {
  picture: JudgedPicture
  url: string | null
  name: string
  selected: number
  onSelect: (face: number) => void
  children: React.ReactNode
}

function Frame({ picture, url, name, selected, onSelect, children }: FrameProps) {
  const group = useRef<HTMLDivElement>(null)
  const withBox = picture.faces.flatMap((face, index) => (face.box ? [{ face, box: face.box, index }] : []))
  const move = (event: KeyboardEvent) => {
    const focused = Number((event.target as HTMLElement).dataset.face)
    const at = withBox.findIndex(({ index }) => index === focused)
    const target = arrowTarget(event.key, at, withBox.length)
    const next = target === null ? undefined : withBox[target]
    if (!next) return
    event.preventDefault()
    onSelect(next.index)
    group.current?.querySelector<HTMLElement>(`[data-face="${next.index}"]`)?.focus()
  }
  const crop = picture.faces[selected]?.bbox
  return (
    <div
      className={styles.frame}
      // Never taller than the window, and never wider than the picture is when it is small.
      style={{
        aspectRatio: `${picture.width} / ${picture.height}`,
        maxWidth: `min(100%, calc(38rem * ${picture.width / picture.height}), ${Math.max(picture.width * 2, 320)}px)`,
      }}
    >
      {url && <img className={styles.picture} src={url} alt={name} />}
      {children}
      {crop && <span className={styles.crop} style={place(crop, picture.width, picture.height)} />}
      <div ref={group} role="group" aria-label="Faces in the picture" onKeyDown={move}>
        {withBox.map(({ face, box, index }) => (
          <FaceBox
            key={index}
            face={face}
            number={index + 1}
            pressed={index === selected}
            onPress={() => onSelect(index)}
            style={place(corners(box), picture.width, picture.height)}
          />
        ))}
      </div>
    </div>
  )
}

interface FaceBoxProps {
  face: JudgedFace
  number: number
  pressed: boolean
  onPress: () => void
  style: React.CSSProperties
}

function FaceBox({ face, number, pressed, onPress, style }: FaceBoxProps) {
  return (
    <button
      type="button"
      className={`${styles.face} ${styles[face.verdict]}`}
      data-face={number - 1}
      aria-pressed={pressed}
      aria-label={`Face ${number}: ${verdictWords[face.verdict]}`}
      onClick={onPress}
      style={style}
    >
      <span className={styles.number}>{number}</span>
    </button>
  )
}
