import { useRef, type KeyboardEvent } from 'react'
import { percent } from '../logic/format'
import type { JudgedFace } from '../logic/judged'
import { arrowTarget } from '../logic/place'
import { decidingProbability } from '../logic/verdict'
import { VerdictBadge } from '../ui/VerdictBadge'
import styles from './FaceList.module.css'

interface FaceListProps {
  faces: readonly JudgedFace[]
  selected: number
  onSelect: (face: number) => void
}

/** The faces of a picture from left to right, numbered as their boxes are. */
export function FaceList({ faces, selected, onSelect }: FaceListProps) {
  const list = useRef<HTMLOListElement>(null)
  const move = (event: KeyboardEvent) => {
    const next = arrowTarget(event.key, selected, faces.length)
    if (next === null) return
    event.preventDefault()
    onSelect(next)
    list.current?.querySelectorAll('button')[next]?.focus()
  }
  return (
    <ol ref={list} className={styles.list} onKeyDown={move} aria-label="Faces">
      {faces.map((face, index) => {
        const probability = decidingProbability(face)
        return (
          <li key={index}>
            <button type="button" aria-pressed={index === selected} onClick={() => onSelect(index)}>
              <span className={styles.number}>{index + 1}</span>
              <VerdictBadge verdict={face.verdict} />
              <span className={styles.probability}>{probability ? percent(probability.value) : '–'}</span>
            </button>
          </li>
        )
      })}
    </ol>
  )
}
