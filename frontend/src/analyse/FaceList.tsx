import { useEffect, useRef, type KeyboardEvent } from 'react'
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
    const buttons = Array.from(list.current?.querySelectorAll('button') ?? [])
    const next = arrowTarget(event.key, buttons.indexOf(event.target as HTMLButtonElement), buttons.length)
    if (next === null) return
    event.preventDefault()
    onSelect(next)
    buttons[next]?.focus()
  }
  // In a long list, the face that was chosen in the picture comes into sight; the page itself stays where it is.
  useEffect(() => {
    const box = list.current
    const row = box?.children[selected]
    if (!box || !(row instanceof HTMLElement)) return
    const above = row.offsetTop - box.offsetTop
    if (above < box.scrollTop || above + row.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = above
  }, [selected])
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
