import { expect, it } from 'vitest'
import type { Stats } from '../api/types'
import { networkProblem } from '../api/problem'
import { historyLength, liveReducer, nothingYet } from './live'
import { predictGraph } from './testing'

const stats = (pictures: number, items: number[]): Stats => ({
  time: '2026-01-01T00:00:00Z', uptime: 1, pictures_per_second: pictures, live: 0, queue: 0, queue_capacity: 64,
  ok: 0, failed: 0, stopped: 0, p50: 0, p95: 0,
  nodes: items.map((count, id) => ({
    id, name: `n${id}`, rate: 0, queue: 0, running: 0, p95: 0, calls: count, items: count, errors: 0, batch: null,
  })),
})

it('knows which nodes have moved since the numbers before', () => {
  const first = liveReducer(nothingYet, { kind: 'stats', stats: stats(1, [5, 5, 0]) })
  expect([...first.moved]).toEqual([])
  const second = liveReducer(first, { kind: 'stats', stats: stats(1, [6, 5, 2]) })
  expect([...second.moved]).toEqual([0, 2])
  expect(second.byNode.get(2)?.items).toBe(2)
})

it('says nothing of how long a source waits for something to take', () => {
  const live = liveReducer(nothingYet, { kind: 'graph', graph: predictGraph() })
  const waits = stats(1, [5, 5])
  for (const node of waits.nodes) Object.assign(node, { running: 1, p95: 67 })
  const { byNode } = liveReducer(live, { kind: 'stats', stats: waits })
  expect([byNode.get(0)!.running, byNode.get(0)!.p95]).toEqual([0, 0])
  expect([byNode.get(1)!.running, byNode.get(1)!.p95]).toEqual([1, 67])
})

it('keeps a minute of rates', () => {
  let live = nothingYet
  for (let second = 0; second < historyLength + 5; ++second) live = liveReducer(live, { kind: 'stats', stats: stats(second, []) })
  expect(live.history).toHaveLength(historyLength)
  expect(live.history.at(-1)).toBe(historyLength + 4)
})

it('keeps the last numbers when the connection is lost, and lets nothing move', () => {
  const before = liveReducer(liveReducer(nothingYet, { kind: 'stats', stats: stats(3, [1]) }), { kind: 'stats', stats: stats(3, [2]) })
  const lost = liveReducer(before, { kind: 'lost', problem: networkProblem(), until: 1000 })
  expect(lost.stats).toBe(before.stats)
  expect(lost.moved.size).toBe(0)
  expect(lost.connection.kind).toBe('lost')
})

it('forgets the numbers of another pipeline, and keeps those of the same', () => {
  const graph = predictGraph()
  const live = liveReducer(liveReducer(nothingYet, { kind: 'graph', graph }), { kind: 'stats', stats: stats(3, [1]) })
  expect(liveReducer(live, { kind: 'graph', graph: predictGraph() })).toBe(live)
  const other = liveReducer(live, { kind: 'graph', graph: { ...graph, sha256: 'cd'.repeat(32) } })
  expect(other.stats).toBeNull()
  expect(other.history).toEqual([])
})
