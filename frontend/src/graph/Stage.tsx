import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import type { Graph } from '../api/types'
import type { Drawing } from './layout/drawing'
import type { Live } from './live'
import { neighbour, steps, type Step } from './neighbours'
import { NodeButton } from './NodeButton'
import styles from './Stage.module.css'
import { Wires } from './Wires'

interface Props {
  graph: Graph
  drawing: Drawing
  live: Live
  selected: number | null
  onSelect: (node: number) => void
}

/** Smaller than this, the writing in the drawing could not be read. */
const smallest = 0.75

/** The drawing: wires below, nodes as buttons on it. One tab stop; arrow keys go along the wires. */
export function Stage({ graph, drawing, live, selected, onSelect }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const buttons = useRef(new Map<number, HTMLButtonElement>())
  const [scale, setScale] = useState(1)
  const [pointed, setPointed] = useState<number | null>(null)
  useEffect(() => {
    const element = box.current
    if (!element) return
    const fit = () => setScale(Math.min(1, Math.max(smallest, element.clientWidth / drawing.width)))
    const observer = new ResizeObserver(fit)
    observer.observe(element)
    return () => observer.disconnect()
  }, [drawing.width])

  // A drawing wider than its box begins where the pipeline does.
  const first = graph.nodes[0] && drawing.nodes.get(graph.nodes[0].id)
  useEffect(() => {
    const element = box.current
    if (element && first) element.scrollLeft = (first.x + first.width / 2) * scale - element.clientWidth / 2
  }, [first, scale])

  const stop = selected ?? graph.nodes[0]?.id ?? -1
  const onKey = (event: KeyboardEvent, node: number) => {
    if (!steps.has(event.key) || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const next = neighbour(drawing, node, event.key as Step)
    if (next === undefined) return
    onSelect(next)
    buttons.current.get(next)?.focus()
  }
  const keep = (id: number) => (element: HTMLButtonElement | null) => {
    if (element) buttons.current.set(id, element)
    else buttons.current.delete(id)
  }
  return (
    <>
      <p className={styles.hint} id="drawing-keys">
        Choose a stage to see what it does. Arrow keys go along the wires.
      </p>
      <div ref={box} className={styles.box}>
        <div style={{ width: drawing.width * scale, height: drawing.height * scale }}>
          <div
            className={styles.stage}
            role="group"
            aria-label="Drawing of the pipeline"
            aria-describedby="drawing-keys"
            style={{ width: drawing.width, height: drawing.height, transform: `scale(${scale})` }}
          >
            {drawing.boxes.map(({ scope, rect }) => (
              <div key={scope} className={styles.scope} style={placed(rect)} />
            ))}
            <Wires graph={graph} drawing={drawing} live={live} marked={pointed ?? selected} />
            {graph.nodes.map((node) => (
              <NodeButton
                key={node.id}
                node={node}
                rect={drawing.nodes.get(node.id)!}
                stats={live.byNode.get(node.id)}
                moved={live.moved.has(node.id) ? (live.byNode.get(node.id)?.items ?? 0) : 0}
                selected={node.id === selected}
                stop={node.id === stop}
                onSelect={onSelect}
                onPoint={setPointed}
                onKey={onKey}
                keep={keep(node.id)}
              />
            ))}
          </div>
        </div>
      </div>
      <Legend off={graph.nodes.some((node) => !node.enabled)} />
    </>
  )
}

export const placed = (rect: { x: number; y: number; width: number; height: number }) => ({
  left: rect.x,
  top: rect.y,
  width: rect.width,
  height: rect.height,
})

function Legend({ off }: { off: boolean }) {
  return (
    <ul className={styles.legend}>
      <li data-lane="cpu">worker threads</li>
      <li data-lane="device">the model’s own lane, in batches</li>
      <li data-lane="blocking">waits for something outside</li>
      <li data-lane="scope">once for each element</li>
      {off && <li data-lane="off">switched off</li>}
    </ul>
  )
}
