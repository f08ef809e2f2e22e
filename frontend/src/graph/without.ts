import type { Graph, GraphNode } from '../api/types'

/** The graph without some of its nodes, their edges, and what stands in the scopes that they open. */
export function without(graph: Graph, gone: (node: GraphNode) => boolean): Graph {
  const removed = new Set(graph.nodes.filter(gone).map((node) => node.id))
  const scopes = new Set<number>()
  for (let more = true; more; ) {
    more = false
    for (const scope of graph.scopes) {
      if (scopes.has(scope.id) || !(removed.has(scope.foreach) || scopes.has(scope.parent))) continue
      scopes.add(scope.id)
      for (const node of graph.nodes) if (node.scope === scope.id) removed.add(node.id)
      more = true
    }
  }
  return {
    ...graph,
    scopes: graph.scopes.filter((scope) => !scopes.has(scope.id)),
    nodes: graph.nodes.filter((node) => !removed.has(node.id)),
    edges: graph.edges.filter((edge) => !removed.has(edge.from) && !removed.has(edge.to)),
  }
}
