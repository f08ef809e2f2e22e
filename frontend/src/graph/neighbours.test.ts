import { expect, it } from 'vitest'
import { draw } from './layout/drawing'
import { neighbour, type Step } from './neighbours'
import { predictGraph } from './testing'
import { without } from './without'

const graph = without(predictGraph(), (node) => !node.enabled)
const drawing = draw(graph)
const go = (from: string, step: Step) => {
  const to = neighbour(drawing, graph.nodes.find((node) => node.name === from)!.id, step)
  return graph.nodes.find((node) => node.id === to)?.name
}

it('goes along the wires', () => {
  expect(go('files', 'ArrowDown')).toBe('decode')
  expect(go('decode', 'ArrowUp')).toBe('files')
  expect(go('per-face', 'ArrowUp')).toBe('faces')
  expect(['pixels', 'measure', 'overlay', 'result']).toContain(go('per-face', 'ArrowDown'))
  expect(go('fft', 'ArrowDown')).toBe('spectrum')
  expect(go('files', 'ArrowUp')).toBeUndefined()
  expect(go('report', 'ArrowDown')).toBeUndefined()
})

it('goes out of a box with what it gathers, and back in', () => {
  expect(go('result', 'ArrowDown')).toBe('report')
  expect(['result', 'decode', 'files']).toContain(go('report', 'ArrowUp'))
})

it('goes to what stands beside, and back', () => {
  const right = go('fft', 'ArrowRight') ?? go('fft', 'ArrowLeft')
  expect(right).toBe('clip')
  expect([go('clip', 'ArrowRight'), go('clip', 'ArrowLeft')]).toContain('fft')
})

it('goes to the first and the last', () => {
  expect(go('vote', 'Home')).toBe('files')
  expect(go('vote', 'End')).toBe('report')
})

it('reaches every node from the first', () => {
  const steps: Step[] = ['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'End']
  const seen = new Set(['files'])
  for (const name of seen) for (const step of steps) seen.add(go(name, step) ?? name)
  expect(seen.size).toBe(graph.nodes.length)
})
