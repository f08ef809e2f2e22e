import type { Graph } from '../api/types'

/** "pixels", or "embedding → spectrum" where output and input have different names. */
export function portWords(edge: Graph['edges'][number]): string {
  return edge.port === inputName(edge) ? edge.port : `${edge.port} → ${edge.input}`
}

/** A foreach has one input for its list and one for what it gathers: there the output's name says more. */
export const inputName = (edge: Graph['edges'][number]) =>
  edge.kind === 'gather' || edge.input === 'foreach' ? edge.port : edge.input
