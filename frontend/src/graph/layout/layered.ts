/**
 * A layered drawing of an acyclic graph, from top to bottom, after Sugiyama, Tagawa and Toda, *Methods for Visual
 * Understanding of Hierarchical System Structures*, IEEE Transactions on Systems, Man and Cybernetics 11(2), 1981:
 * layers by longest path, order by barycentres, then the places across. A link that skips layers goes through a bend in
 * each of them, so that it runs beside what stands there.
 */
import { across } from './across'
import { layersOf } from './layers'
import { ordered } from './order'

export interface Point {
  x: number
  y: number
}

export interface Item {
  key: string
  width: number
  height: number
  /** Stands in the first or the last layer, alone with its like. */
  pin?: 'first' | 'last'
}

export interface Link {
  key: string
  from: string
  to: string
  /** Where it leaves or reaches its item, from the item's middle; where it is undefined, links share the side. */
  fromDx?: number | undefined
  toDx?: number | undefined
}

export interface Layered {
  width: number
  height: number
  /** Left top corner of each item. */
  places: Map<string, Point>
  /** Points of each link, from the lower side of its first item to the upper side of its second. */
  routes: Map<string, Point[]>
}

export interface Gaps {
  across: number
  down: number
}

/** An item or a bend in its layer. */
export interface Slot {
  key: string
  width: number
  bend: boolean
}

/** A piece of a link between neighbouring layers. */
export interface Piece {
  link: Link
  from: string
  to: string
  fromDx: number
  toDx: number
}

const bendWidth = 10

export function layered(items: Item[], links: Link[], gaps: Gaps): Layered {
  if (items.length === 0) return { width: 0, height: 0, places: new Map(), routes: new Map() }
  const layer = layersOf(items, links)
  const { layers, pieces } = withBends(items, links, layer)
  const rows = ordered(layers, pieces)
  const middle = across(rows, pieces, gaps.across)

  const heights = rows.map(() => 0)
  for (const item of items) heights[layer.get(item.key)!] = Math.max(heights[layer.get(item.key)!]!, item.height)
  const tops: number[] = []
  for (const row of heights.keys()) tops.push(row === 0 ? 0 : tops[row - 1]! + heights[row - 1]! + gaps.down)

  const left = Math.min(...rows.flat().map((slot) => middle.get(slot.key)! - slot.width / 2))
  const right = Math.max(...rows.flat().map((slot) => middle.get(slot.key)! + slot.width / 2))
  const places = new Map<string, Point>()
  for (const item of items) {
    places.set(item.key, { x: middle.get(item.key)! - item.width / 2 - left, y: tops[layer.get(item.key)!]! })
  }
  const routes = routesOf(items, pieces, rows, { middle, left, tops, heights, places })
  return { width: right - left, height: tops.at(-1)! + heights.at(-1)!, places, routes }
}

export const bendKey = (link: Link, row: number) => `${link.key}@${row}`

function withBends(items: Item[], links: Link[], layer: Map<string, number>) {
  const layers: Slot[][] = Array.from({ length: Math.max(...layer.values()) + 1 }, () => [])
  for (const item of items) layers[layer.get(item.key)!]!.push({ key: item.key, width: item.width, bend: false })
  const pieces: Piece[] = []
  for (const link of links) {
    const last = layer.get(link.to)!
    let from = link.from
    let fromDx = link.fromDx ?? 0
    for (let row = layer.get(link.from)! + 1; row < last; ++row) {
      const bend = bendKey(link, row)
      layers[row]!.push({ key: bend, width: bendWidth, bend: true })
      pieces.push({ link, from, to: bend, fromDx, toDx: 0 })
      from = bend
      fromDx = 0
    }
    pieces.push({ link, from, to: link.to, fromDx, toDx: link.toDx ?? 0 })
  }
  return { layers, pieces }
}

interface Coordinates {
  middle: Map<string, number>
  left: number
  tops: number[]
  heights: number[]
  places: Map<string, Point>
}

function routesOf(items: Item[], pieces: Piece[], rows: Slot[][], at: Coordinates): Map<string, Point[]> {
  const byKey = new Map(items.map((item) => [item.key, item]))
  const row = new Map(rows.flatMap((slots, index) => slots.map((slot) => [slot.key, index] as const)))
  const shares = sharedSides(pieces, byKey, at.middle)
  const routes = new Map<string, Point[]>()
  for (const piece of pieces) {
    const points = routes.get(piece.link.key) ?? []
    routes.set(piece.link.key, points)
    const x = (key: string, dx: number) => at.middle.get(key)! + dx - at.left
    const first = byKey.get(piece.from)
    if (first) {
      const y = at.places.get(first.key)!.y + first.height
      points.push({ x: x(first.key, piece.link.fromDx ?? shares.get(`${piece.link.key}>`) ?? 0), y })
    }
    const last = byKey.get(piece.to)
    const top = at.tops[row.get(piece.to)!]!
    if (last) {
      points.push({ x: x(last.key, piece.link.toDx ?? shares.get(`>${piece.link.key}`) ?? 0), y: top })
    } else {
      points.push({ x: x(piece.to, 0), y: top }, { x: x(piece.to, 0), y: top + at.heights[row.get(piece.to)!]! })
    }
  }
  return routes
}

/** Links that share an item's side stand beside each other there, in the order in which they come or go. */
function sharedSides(pieces: Piece[], items: Map<string, Item>, middle: Map<string, number>): Map<string, number> {
  const sides = new Map<string, { key: string; x: number }[]>()
  const add = (side: string, key: string, x: number) => sides.set(side, [...(sides.get(side) ?? []), { key, x }])
  for (const { link, from, to, fromDx, toDx } of pieces) {
    if (items.has(from) && link.fromDx === undefined) add(`${from} below`, `${link.key}>`, middle.get(to)! + toDx)
    if (items.has(to) && link.toDx === undefined) add(`${to} above`, `>${link.key}`, middle.get(from)! + fromDx)
  }
  const shares = new Map<string, number>()
  for (const [side, ends] of sides) {
    const width = items.get(side.slice(0, side.lastIndexOf(' ')))!.width
    const step = Math.min(14, (width * 0.7) / ends.length)
    ends.sort((a, b) => a.x - b.x)
    for (const [index, end] of ends.entries()) shares.set(end.key, (index - (ends.length - 1) / 2) * step)
  }
  return shares
}
