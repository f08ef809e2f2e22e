import { expect, it } from 'vitest'
import { nonDecreasing } from './across'
import { layered, type Item, type Link } from './layered'
import { layersOf } from './layers'
import { crossings, ordered } from './order'

const item = (key: string, pin?: Item['pin']): Item => ({ key, width: 100, height: 40, ...(pin ? { pin } : {}) })
const link = (from: string, to: string): Link => ({ key: `${from}>${to}`, from, to })
const piece = (from: string, to: string) => ({ link: link(from, to), from, to, fromDx: 0, toDx: 0 })
const slot = (key: string) => ({ key, width: 100, bend: false })

it('puts each item below all that feed it, and pinned ones first and last', () => {
  const layer = layersOf(
    [item('in', 'first'), item('a'), item('b'), item('c'), item('late'), item('out', 'last')],
    [link('in', 'a'), link('a', 'b'), link('b', 'c'), link('a', 'c'), link('late', 'c'), link('a', 'out')],
  )
  expect(Object.fromEntries(layer)).toEqual({ in: 0, a: 1, b: 2, c: 3, late: 2, out: 4 })
})

it('counts crossings, and undoes those that need not be', () => {
  const rows = [['a', 'b', 'c'], ['x', 'y', 'z']].map((row) => row.map(slot))
  const pieces = [piece('a', 'z'), piece('b', 'y'), piece('c', 'x')]
  expect(crossings(rows, pieces)).toBe(3)
  expect(crossings(ordered(rows, pieces), pieces)).toBe(0)
})

it('cannot draw a complete pairing of two and two without its one crossing', () => {
  const rows = [['a', 'b'], ['x', 'y']].map((row) => row.map(slot))
  const pieces = [piece('a', 'x'), piece('a', 'y'), piece('b', 'x'), piece('b', 'y')]
  expect(crossings(ordered(rows, pieces), pieces)).toBe(1)
})

it('pools what would overlap at its weighted mean and leaves the rest where it is', () => {
  const places = nonDecreasing([
    { at: 0, weight: 1 },
    { at: 9, weight: 1 },
    { at: 3, weight: 2 },
    { at: 20, weight: 1 },
  ])
  expect(places).toEqual([0, 5, 5, 20])
})

it('leads a long link straight past the items between', () => {
  const drawing = layered(
    ['a', 'b', 'c', 'd'].map((key) => item(key)),
    [link('a', 'b'), link('b', 'c'), link('c', 'd'), link('a', 'd')],
    { across: 20, down: 30 },
  )
  const bends = drawing.routes.get('a>d')!.slice(1, -1)
  expect(bends).toHaveLength(4)
  expect(new Set(bends.map((point) => Math.round(point.x))).size).toBe(1)
})
