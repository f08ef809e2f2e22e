import { useState } from 'react'
import type { Graph } from '../api/types'
import type { Drawing, Wire } from './layout/drawing'
import type { Point } from './layout/layered'
import { middleOf, pathOf } from './layout/path'
import type { Live } from './live'
import { portWords } from './ports'
import styles from './Wires.module.css'

interface Props {
  graph: Graph
  drawing: Drawing
  live: Live
  /** The node whose wires are brought out, with the names of their ports. */
  marked: number | null
}

/** The lines between the nodes. What they say stands in each node's particulars and in the table as well. */
export function Wires({ graph, drawing, live, marked }: Props) {
  const [pointed, setPointed] = useState<string | null>(null)
  const off = new Set(graph.nodes.flatMap((node) => (node.enabled ? [] : [node.id])))
  const lit = (wire: Wire) => (live.byNode.get(wire.from)?.rate ?? 0) > 0 && !off.has(wire.to)
  const shown = drawing.wires.filter((wire) => wire.key === pointed || wire.from === marked || wire.to === marked)
  return (
    <>
      <svg className={styles.wires} width={drawing.width} height={drawing.height} aria-hidden="true">
        <defs>
          <marker id="wire-end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
            <path d="M0 0.8 8 4 0 7.2Z" />
          </marker>
        </defs>
        {[...drawing.wires].sort((a, b) => Number(shown.includes(a)) - Number(shown.includes(b))).map((wire) => (
          <g
            key={wire.key}
            className={styles.wire}
            data-off={off.has(wire.from) || off.has(wire.to)}
            data-lit={lit(wire)}
            data-shown={shown.includes(wire)}
            data-each={wire.edges.every((edge) => edge.kind !== 'value')}
            onMouseEnter={() => setPointed(wire.key)}
            onMouseLeave={() => setPointed(null)}
          >
            <path className={styles.reach} d={pathOf(wire.points)} />
            <path className={styles.line} d={pathOf(wire.points)} markerEnd="url(#wire-end)" />
          </g>
        ))}
      </svg>
      {shown.map((wire) => (
        <span key={wire.key} className={styles.ports} style={labelPlace(wire, marked)} aria-hidden="true">
          {wire.edges.map(portWords).join(', ')}
        </span>
      ))}
    </>
  )
}

/** At the far end, where the wires of one node are apart from each other; in the middle for a wire that is pointed at. */
function labelPlace(wire: Wire, marked: number | null): { left: number; top: number } {
  const [first, last] = [wire.points[0]!, wire.points.at(-1)!]
  const at: Point =
    wire.from === marked ? { x: last.x, y: last.y - 13 } : wire.to === marked ? { x: first.x, y: first.y + 13 } : middleOf(wire.points)
  return { left: at.x, top: at.y }
}
