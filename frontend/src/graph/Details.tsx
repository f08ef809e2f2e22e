import type { Graph, GraphNode, NodeStats } from '../api/types'
import card from '../ui/card.module.css'
import { descriptorOf, type Parameter } from './descriptor'
import styles from './Details.module.css'
import { inputName } from './ports'
import { duration, rate, whole } from './rates'

interface Props {
  graph: Graph
  node: GraphNode | undefined
  stats: NodeStats | undefined
  onSelect: (node: number) => void
}

const lanes: Record<GraphNode['lane'], string> = {
  cpu: 'worker threads',
  blocking: 'waits for something outside',
  device: 'the model’s own lane',
  scope: 'opens a scope, once for each element',
}

/** All about the chosen node: what it is, how it does, its ports with what they are wired to, its parameters. */
export function Details({ graph, node, stats, onSelect }: Props) {
  if (!node) {
    return (
      <aside className={`${card.card} ${styles.panel}`} aria-label="Stage">
        <p className={card.soft}>Choose a stage in the drawing: what it does, what it takes and gives, and how it can be set stands here.</p>
      </aside>
    )
  }
  const descriptor = descriptorOf(graph.descriptors[node.type])
  const about = node.about || descriptor.about
  const traits = [
    lanes[node.lane],
    node.batch_max != null && `batches of up to ${node.batch_max}`,
    node.ordered && 'in order',
    node.stateful && 'keeps state',
    node.max_live !== undefined && `at most ${node.max_live} at a time`,
  ].filter(Boolean)
  return (
    <aside className={`${card.card} ${styles.panel}`} aria-labelledby="stage">
      <h2 id="stage">{node.label}</h2>
      <p className={card.soft}>
        <code>{node.type}</code>
        {descriptor.plugin && ` from ${descriptor.plugin}`} · {traits.join(' · ')}
      </p>
      {about && <p className={styles.about}>{about}</p>}
      {!node.enabled && <p className={styles.about}>It is switched off; its outputs are empty.</p>}
      {node.enabled && stats && node.lane !== 'scope' && <Figures stats={stats} />}
      <Ports graph={graph} node={node} side="in" onSelect={onSelect} />
      <Ports graph={graph} node={node} side="out" onSelect={onSelect} />
      {descriptor.parameters.length > 0 && (
        <>
          <h3>Parameters</h3>
          <ul className={styles.list}>
            {descriptor.parameters.map((parameter) => (
              <ParameterLine key={parameter.name} parameter={parameter} />
            ))}
          </ul>
        </>
      )}
    </aside>
  )
}

function Figures({ stats }: { stats: NodeStats }) {
  const figures: [string, string][] = [
    ['Rate', rate(stats.rate)],
    ['Waiting', whole(stats.queue)],
    ['Running', whole(stats.running)],
    ['95 % within', duration(stats.p95)],
    ['Items', whole(stats.items)],
    ['Calls', whole(stats.calls)],
    ['Failed', whole(stats.errors)],
  ]
  if (stats.batch !== null) figures.push(['Mean batch', stats.batch.toFixed(1)])
  return (
    <dl className={styles.figures}>
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Ports({ graph, node, side, onSelect }: { graph: Graph; node: GraphNode; side: 'in' | 'out'; onSelect: (node: number) => void }) {
  const edges = graph.edges.filter((edge) => (side === 'in' ? edge.to : edge.from) === node.id)
  const declared = (side === 'in' ? node.inputs : node.outputs) ?? []
  const port = (edge: (typeof edges)[number]) => (side === 'in' ? inputName(edge) : edge.port)
  // A foreach declares no ports of its own; its wires name them.
  const names = [...new Set([...declared.map((one) => one.name), ...edges.map(port)])]
  if (names.length === 0) return null
  return (
    <>
      <h3>{side === 'in' ? 'Takes' : 'Gives'}</h3>
      <ul className={styles.list}>
        {names.map((name) => {
          const description = declared.find((one) => one.name === name)
          const wired = edges.filter((edge) => port(edge) === name)
          return (
            <li key={name}>
              <code className={styles.name}>{name}</code>{' '}
              <span className={card.soft}>
                {description?.type ?? wired[0]?.type}
                {description?.optional && ', optional'}
              </span>
              {description?.about && <p>{description.about}</p>}
              {wired.map((edge) => (
                <Wired key={`${edge.from} ${edge.port} ${edge.to} ${edge.input}`} graph={graph} edge={edge} side={side} onSelect={onSelect} />
              ))}
            </li>
          )
        })}
      </ul>
    </>
  )
}

function Wired({ graph, edge, side, onSelect }: { graph: Graph; edge: Graph['edges'][number]; side: 'in' | 'out'; onSelect: (node: number) => void }) {
  const other = graph.nodes.find((node) => node.id === (side === 'in' ? edge.from : edge.to))
  if (!other) return null
  return (
    <button type="button" className={`quiet ${styles.wired}`} onClick={() => onSelect(other.id)}>
      {side === 'in' ? 'from' : 'to'} {other.label}.{side === 'in' ? edge.port : inputName(edge)}
      {!other.enabled && ' (off)'}
    </button>
  )
}

function ParameterLine({ parameter }: { parameter: Parameter }) {
  return (
    <li>
      <code className={styles.name}>{parameter.name}</code>{' '}
      <span className={card.soft}>
        {[parameter.type, parameter.range, parameter.unit].filter(Boolean).join(', ')}
      </span>
      {parameter.about && <p>{parameter.about}</p>}
      <p className={card.soft}>
        {parameter.required ? 'must be given' : <>default <code>{parameter.value}</code></>}
      </p>
    </li>
  )
}
