import { describe, expect, it } from 'vitest'
import type { Graph } from '../../api/types'
import { graphOf, predictGraph } from '../testing'
import { draw, sizes, type Drawing, type Rect } from './drawing'

const apart = (a: Rect, b: Rect) =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
const within = (inner: Rect, outer: Rect) =>
  inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height
const nested = graphOf(
  [
    { name: 'source' },
    { name: 'outer', lane: 'scope', opens: 1 },
    { name: 'middle', scope: 1 },
    { name: 'inner', lane: 'scope', scope: 1, opens: 2 },
    { name: 'leaf', scope: 2 },
    { name: 'sink' },
  ],
  [
    'source.list > outer.each',
    'outer.each > middle.each element',
    'middle.list > inner.each',
    'inner.each > leaf.each element',
    'source.table > leaf.table',
    'leaf.out > inner.gather gather',
    'inner.out > outer.gather gather',
    'middle.table > outer.gather gather',
    'outer.out > sink.out',
    'outer.table > sink.table',
  ],
)
const graphs: [string, Graph][] = [
  ['predict', predictGraph()],
  ['scopes in scopes', nested],
  ['one node', graphOf([{ name: 'alone' }], [])],
  ['an empty scope', graphOf([{ name: 'source' }, { name: 'each', lane: 'scope', opens: 1 }], ['source.list > each.each'])],
]

describe.each(graphs)('a drawing of %s', (_, graph) => {
  const drawing: Drawing = draw(graph)
  const rect = (id: number) => drawing.nodes.get(id)!

  it('has every node and every edge once, inside its bounds', () => {
    expect([...drawing.nodes.keys()].sort((a, b) => a - b)).toEqual(graph.nodes.map((node) => node.id))
    expect(drawing.wires.flatMap((wire) => wire.edges)).toHaveLength(graph.edges.length)
    const bounds = { x: 0, y: 0, width: drawing.width, height: drawing.height }
    for (const node of drawing.nodes.values()) expect(within(node, bounds)).toBe(true)
    for (const wire of drawing.wires) {
      for (const point of wire.points) expect(within({ ...point, width: 0, height: 0 }, bounds)).toBe(true)
    }
  })

  it('keeps nodes apart, and each scope in its box', () => {
    for (const a of graph.nodes) {
      for (const b of graph.nodes) if (a.id < b.id) expect(apart(rect(a.id), rect(b.id)), `${a.name} and ${b.name}`).toBe(true)
    }
    for (const box of drawing.boxes) {
      for (const node of graph.nodes) {
        const inside = standsIn(graph, node.scope, box.scope)
        if (inside) expect(within(rect(node.id), box.rect), node.name).toBe(true)
        else if (node.opens === undefined) expect(apart(rect(node.id), box.rect), node.name).toBe(true)
      }
    }
  })

  it('leads every wire downwards from the one node to the other, past all others', () => {
    for (const wire of drawing.wires) {
      const [from, to] = [rect(wire.from), rect(wire.to)]
      const [first, last] = [wire.points[0]!, wire.points.at(-1)!]
      const gathers = wire.edges.every((edge) => edge.kind === 'gather')
      const elements = wire.edges.every((edge) => edge.kind === 'element')
      const [fromBox, toBox] = [boxOf(drawing, wire.from), boxOf(drawing, wire.to)]
      const start = fromBox && !elements ? onSide(first, fromBox, fromBox.y + fromBox.height) : onSide(first, from, from.y + from.height)
      const end = toBox && gathers ? onSide(last, toBox, toBox.y + toBox.height) : onSide(last, to, to.y)
      expect(start, `start of ${wire.key}`).toBe(true)
      expect(end, `end of ${wire.key}`).toBe(true)
      for (const [index, point] of wire.points.slice(1).entries()) {
        expect(point.y).toBeGreaterThanOrEqual(wire.points[index]!.y)
      }
      // Upright pieces run beside nodes; slanted ones run between layers, where no node is.
      for (const node of graph.nodes) {
        if (node.opens !== undefined) continue
        for (const point of wire.points.slice(1, -1)) {
          expect(apart({ ...point, width: 0, height: 0 }, shrunk(rect(node.id))), `${wire.key} past ${node.name}`).toBe(true)
        }
      }
    }
  })

  it('is the same every time', () => expect(draw(graph)).toEqual(drawing))
})

it('draws a chain as one straight line', () => {
  const drawing = draw(graphOf([{ name: 'a' }, { name: 'b' }, { name: 'c' }], ['a.x > b.x', 'b.x > c.x']))
  expect(new Set([...drawing.nodes.values()].map((node) => node.x)).size).toBe(1)
  expect(drawing.width).toBe(sizes.node.width + 2 * sizes.margin)
})

it('carries what a box gathers on where it leaves the box', () => {
  const { wires } = draw(predictGraph())
  const names = predictGraph().nodes.map((node) => node.name)
  const wire = (from: string, to: string) => wires.find((one) => names[one.from] === from && names[one.to] === to)!
  const [gathered, carried] = [wire('result', 'per-face'), wire('per-face', 'report')]
  expect(carried.points[0]!.x).toBeCloseTo(gathered.points.at(-1)!.x, 6)
  expect(carried.points[0]!.y).toBeCloseTo(gathered.points.at(-1)!.y, 6)
})

it('draws several edges between two nodes as one wire', () => {
  const drawing = draw(graphOf([{ name: 'a' }, { name: 'b' }], ['a.x > b.x', 'a.y > b.y']))
  expect(drawing.wires.map((wire) => wire.edges.length)).toEqual([2])
})

it('refuses a graph that is none', () => {
  expect(() => draw(graphOf([{ name: 'a' }, { name: 'b' }], ['a.x > b.x', 'b.x > a.x']))).toThrow(/cycle/)
})

const standsIn = (graph: Graph, scope: number, outer: number): boolean =>
  scope === outer || (scope > 0 && standsIn(graph, graph.scopes.find((candidate) => candidate.id === scope)!.parent, outer))
const boxOf = (drawing: Drawing, node: number): Rect | undefined => drawing.boxes.find((box) => box.node === node)?.rect
const shrunk = (r: Rect): Rect => ({ x: r.x + 1, y: r.y + 1, width: r.width - 2, height: r.height - 2 })
const onSide = (p: { x: number; y: number }, r: Rect, y: number) => Math.abs(p.y - y) < 0.01 && p.x >= r.x && p.x <= r.x + r.width
