import type { Problem } from '../api/problem'
import type { Graph, NodeStats, Stats } from '../api/types'

export type Connection =
  | { kind: 'loading' }
  | { kind: 'live' }
  /** `until`: when the next try is made, in milliseconds since the epoch. */
  | { kind: 'lost'; problem: Problem; until: number }
  | { kind: 'failed'; problem: Problem }

export interface Live {
  connection: Connection
  graph: Graph | null
  stats: Stats | null
  byNode: Map<number, NodeStats>
  /** Nodes that finished something since the numbers before. */
  moved: Set<number>
  /** Pictures a second, the newest last. */
  history: number[]
}

export type LiveEvent =
  | { kind: 'loading' }
  | { kind: 'graph'; graph: Graph }
  | { kind: 'stats'; stats: Stats }
  | { kind: 'lost'; problem: Problem; until: number }
  | { kind: 'failed'; problem: Problem }

/** As many seconds as the small chart shows. */
export const historyLength = 60

export const nothingYet: Live = {
  connection: { kind: 'loading' },
  graph: null,
  stats: null,
  byNode: new Map(),
  moved: new Set(),
  history: [],
}

export function liveReducer(live: Live, event: LiveEvent): Live {
  switch (event.kind) {
    case 'loading':
      return { ...live, connection: { kind: 'loading' } }
    case 'graph':
      // Numbers of another pipeline say nothing about this one's nodes.
      if (live.graph?.sha256 === event.graph.sha256) return live
      return { ...nothingYet, connection: live.connection, graph: event.graph }
    case 'stats': {
      // A source's call lasts as long as there is nothing to take: how long says nothing of the source.
      const sources = new Set(live.graph?.nodes.filter((node) => node.source).map((node) => node.id))
      const byNode = new Map(event.stats.nodes.map((node) => [node.id, sources.has(node.id) ? { ...node, running: 0, p95: 0 } : node]))
      const moved = new Set<number>()
      for (const [id, node] of byNode) {
        const before = live.byNode.get(id)
        if (before && node.items > before.items) moved.add(id)
      }
      const history = [...live.history, event.stats.pictures_per_second].slice(-historyLength)
      return { ...live, connection: { kind: 'live' }, stats: event.stats, byNode, moved, history }
    }
    case 'lost':
      return { ...live, connection: event, moved: new Set() }
    case 'failed':
      return { ...live, connection: event, moved: new Set() }
  }
}
