import { expect, it } from 'vitest'
import { graphOf, predictGraph } from './testing'
import { without } from './without'

it('takes nodes away with their edges', () => {
  const graph = without(predictGraph(), (node) => !node.enabled)
  const ids = new Set(graph.nodes.map((node) => node.id))
  expect(graph.nodes.every((node) => node.enabled)).toBe(true)
  expect(graph.edges.length).toBeGreaterThan(10)
  expect(graph.edges.every((edge) => ids.has(edge.from) && ids.has(edge.to))).toBe(true)
  expect(graph.scopes).toEqual(predictGraph().scopes)
})

it('takes a scope away with the node that opens it, and the scopes inside', () => {
  const graph = graphOf(
    [
      { name: 'source' },
      { name: 'outer', lane: 'scope', opens: 1, enabled: false },
      { name: 'inner', lane: 'scope', scope: 1, opens: 2 },
      { name: 'leaf', scope: 2 },
      { name: 'sink' },
    ],
    ['source.list > outer.foreach', 'inner.each > leaf.each element', 'source.list > sink.list'],
  )
  const left = without(graph, (node) => !node.enabled)
  expect(left.nodes.map((node) => node.name)).toEqual(['source', 'sink'])
  expect(left.scopes.map((scope) => scope.id)).toEqual([0])
  expect(left.edges).toHaveLength(1)
})
