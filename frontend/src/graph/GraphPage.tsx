import { useMemo, useState } from 'react'
import type { Problem } from '../api/problem'
import { problemWords } from '../logic/words'
import { Notice } from '../ui/Notice'
import { Details } from './Details'
import styles from './GraphPage.module.css'
import { draw, type Drawing } from './layout/drawing'
import { NodeTable } from './NodeTable'
import { Stage } from './Stage'
import { Summary } from './Summary'
import { useLive } from './useLive'
import { without } from './without'

/** The running pipeline, live: its drawing, a node's particulars, and the same as a table. */
export function GraphPage() {
  const [live, retry] = useLive()
  const [selected, setSelected] = useState<number | null>(null)
  const [withOff, setWithOff] = useState(false)
  const graph = useMemo(() => (live.graph && !withOff ? without(live.graph, (node) => !node.enabled) : live.graph), [live.graph, withOff])
  const drawing = useMemo((): Drawing | null => {
    try {
      return graph && draw(graph)
    } catch {
      // No such graph should come; its table can still be read.
      return null
    }
  }, [graph])
  const off = live.graph?.nodes.filter((node) => !node.enabled).length ?? 0
  const chosen = graph?.nodes.find((node) => node.id === selected)
  return (
    <div className={styles.page}>
      <Summary live={live} onRetry={retry} />
      {live.connection.kind === 'failed' && <Failed problem={live.connection.problem} onRetry={retry} />}
      {graph ? (
        <>
          <div className={styles.columns}>
            <section className={styles.drawing} aria-labelledby="drawing">
              <div className={styles.tools}>
                <h2 id="drawing">Stages</h2>
                {off > 0 && (
                  <label className={styles.toggle}>
                    <input type="checkbox" checked={withOff} onChange={(event) => setWithOff(event.target.checked)} />
                    Show the {off} that are switched off
                  </label>
                )}
              </div>
              {drawing && <Stage graph={graph} drawing={drawing} live={live} selected={chosen?.id ?? null} onSelect={setSelected} />}
            </section>
            <Details graph={graph} node={chosen} stats={chosen && live.byNode.get(chosen.id)} onSelect={setSelected} />
          </div>
          <NodeTable graph={graph} live={live} />
        </>
      ) : (
        live.connection.kind !== 'failed' && <div className={styles.empty}>Waiting for the pipeline …</div>
      )}
    </div>
  )
}

function Failed({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const words = problemWords(problem)
  return (
    <Notice kind="problem">
      <div role="alert">
        <strong>{words.title}.</strong> {words.hint} {problem.message}
        {problem.requestId && (
          <>
            {' '}
            Request <code>{problem.requestId}</code>
          </>
        )}
      </div>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </Notice>
  )
}
