import type { Graph, GraphNode } from '../api/types'
import type { Live } from './live'
import styles from './NodeTable.module.css'
import { portWords } from './ports'
import { duration, rate, whole } from './rates'

/** Everything the drawing shows, as a table. */
export function NodeTable({ graph, live }: { graph: Graph; live: Live }) {
  return (
    <details className={styles.details}>
      <summary>The same as a table</summary>
      <div className={styles.box} tabIndex={0} role="region" aria-label="Stages as a table">
        <table>
          <thead>
            <tr>
              <th scope="col">Stage</th>
              <th scope="col">Type</th>
              <th scope="col">Lane</th>
              <th scope="col">Fed by</th>
              <th scope="col" className={styles.number}>Rate</th>
              <th scope="col" className={styles.number}>Waiting</th>
              <th scope="col" className={styles.number}>Running</th>
              <th scope="col" className={styles.number}>95 % within</th>
              <th scope="col" className={styles.number}>Items</th>
              <th scope="col" className={styles.number}>Batch</th>
              <th scope="col" className={styles.number}>Failed</th>
            </tr>
          </thead>
          <tbody>
            {graph.nodes.map((node) => (
              <Row key={node.id} graph={graph} node={node} live={live} />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}

function Row({ graph, node, live }: { graph: Graph; node: GraphNode; live: Live }) {
  const stats = node.enabled && node.lane !== 'scope' ? live.byNode.get(node.id) : undefined
  const nameOf = (id: number) => graph.nodes.find((other) => other.id === id)?.label ?? ''
  const fed = graph.edges.filter((edge) => edge.to === node.id).map((edge) => `${nameOf(edge.from)}: ${portWords(edge)}`)
  const figures = stats
    ? [rate(stats.rate), whole(stats.queue), whole(stats.running), duration(stats.p95), whole(stats.items), stats.batch?.toFixed(1) ?? '–', whole(stats.errors)]
    : Array<string>(7).fill('–')
  return (
    <tr data-off={!node.enabled}>
      <th scope="row">{node.name}</th>
      <td>{node.type}</td>
      <td>{node.enabled ? node.lane : 'off'}</td>
      <td className={styles.fed}>{fed.join('; ') || '–'}</td>
      {figures.map((figure, index) => (
        <td key={index} className={styles.number}>
          {figure}
        </td>
      ))}
    </tr>
  )
}
