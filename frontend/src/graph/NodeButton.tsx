import type { KeyboardEvent } from 'react'
import type { GraphNode, NodeStats } from '../api/types'
import type { Rect } from './layout/drawing'
import styles from './NodeButton.module.css'
import { duration, glow, rate, whole } from './rates'
import { placed } from './Stage'

interface Props {
  node: GraphNode
  rect: Rect
  stats: NodeStats | undefined
  /** Changes whenever the node has finished something; 0 when it has not. */
  moved: number
  selected: boolean
  /** The one node that the tab key reaches. */
  stop: boolean
  onSelect: (node: number) => void
  onPoint: (node: number | null) => void
  onKey: (event: KeyboardEvent, node: number) => void
  keep: (element: HTMLButtonElement | null) => void
}

export function NodeButton({ node, rect, stats, moved, selected, stop, onSelect, onPoint, onKey, keep }: Props) {
  // The part that a stage stands in, as far as it tells stages of one name apart.
  const [name, part] = node.label.split('/').reverse()
  const told = node.enabled && node.lane !== 'scope' ? stats : undefined
  return (
    <button
      ref={keep}
      type="button"
      className={styles.node}
      style={{ ...placed(rect), '--glow': glow(told) } as React.CSSProperties}
      data-lane={node.enabled ? node.lane : 'off'}
      data-lit={glow(told) > 0}
      title={node.name}
      aria-pressed={selected}
      tabIndex={stop ? 0 : -1}
      onClick={() => onSelect(node.id)}
      onFocus={() => onPoint(node.id)}
      onBlur={() => onPoint(null)}
      onMouseEnter={() => onPoint(node.id)}
      onMouseLeave={() => onPoint(null)}
      onKeyDown={(event) => onKey(event, node.id)}
    >
      {told && moved > 0 && <span key={moved} className={styles.flash} aria-hidden="true" />}
      <span className={styles.line}>
        <span className={styles.label}>{name}</span>
        <span className={styles.rate}>{node.enabled ? told && rate(told.rate) : 'off'}</span>
      </span>
      <span className={styles.type}>
        {node.type}
        {part && ` · ${part}`}
      </span>
      {told && (
        <span className={styles.line}>
          {told.queue > 0 ? <span>{whole(told.queue)} waiting</span> : told.errors === 0 && <span>{told.running > 0 ? 'running' : 'idle'}</span>}
          {told.errors > 0 && <span className={styles.errors}>{whole(told.errors)} failed</span>}
          <span>{told.p95 > 0 && `${told.errors > 0 && told.queue > 0 ? '' : 'p95 '}${duration(told.p95)}`}</span>
        </span>
      )}
    </button>
  )
}
