import { grouped } from './layers'
import type { Piece, Slot } from './layered'

const sweeps = 24

/** The slots of each layer in an order with few crossings: sweeps by barycentre, down and up; the best order is kept. */
export function ordered(layers: Slot[][], pieces: Piece[]): Slot[][] {
  const into = grouped(pieces, (piece) => piece.to)
  const outOf = grouped(pieces, (piece) => piece.from)
  let rows = layers.map((row) => [...row])
  let best = rows
  let fewest = crossings(rows, pieces)
  for (let sweep = 0; sweep < sweeps && fewest > 0; ++sweep) {
    const down = sweep % 2 === 0
    const next = rows.map((row) => [...row])
    const place = new Map<string, number>()
    for (let step = 0; step < next.length; ++step) {
      const row = next[down ? step : next.length - 1 - step]!
      const wish = new Map<string, number>()
      for (const [index, slot] of row.entries()) {
        const ends = down
          ? (into.get(slot.key) ?? []).map((piece) => nudged(place.get(piece.from)!, piece.fromDx))
          : (outOf.get(slot.key) ?? []).map((piece) => nudged(place.get(piece.to)!, piece.toDx))
        wish.set(slot.key, ends.length === 0 ? index / row.length : mean(ends))
      }
      row.sort((a, b) => wish.get(a.key)! - wish.get(b.key)!)
      // Places between 0 and 1, so that short and long layers can be compared.
      for (const [index, slot] of row.entries()) place.set(slot.key, (index + 0.5) / row.length)
    }
    rows = next
    const count = crossings(rows, pieces)
    if (count < fewest) {
      fewest = count
      best = rows
    }
  }
  return best
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
/** A wide item's links end in different places; this keeps their order without moving them past a neighbour. */
const nudged = (place: number, dx: number) => place + dx * 1e-5

/** Pairs of pieces that cross. */
export function crossings(rows: Slot[][], pieces: Piece[]): number {
  const place = new Map(rows.flatMap((row) => row.map((slot, index) => [slot.key, index] as const)))
  const row = new Map(rows.flatMap((slots, index) => slots.map((slot) => [slot.key, index] as const)))
  let count = 0
  for (const group of grouped(pieces, (piece) => row.get(piece.from)!).values()) {
    const ends = group.map((piece) => ({
      a: nudged(place.get(piece.from)!, piece.fromDx),
      b: nudged(place.get(piece.to)!, piece.toDx),
    }))
    for (const [index, one] of ends.entries()) {
      for (const other of ends.slice(index + 1)) if ((one.a - other.a) * (one.b - other.b) < 0) count += 1
    }
  }
  return count
}
