import { grouped } from './layers'
import type { Piece, Slot } from './layered'

const rounds = 100

/**
 * The middle of each slot across the drawing. In turn each layer is moved to where its links to the layers above and
 * below would be straight, as far as the order and the gaps allow; between two bends that counts for more, because a
 * long link should be a line and not a snake.
 */
export function across(rows: Slot[][], pieces: Piece[], gap: number): Map<string, number> {
  const middle = new Map<string, number>()
  for (const row of rows) {
    let x = 0
    for (const slot of row) {
      middle.set(slot.key, x + slot.width / 2)
      x += slot.width + gap
    }
  }
  const bends = new Set(rows.flat().flatMap((slot) => (slot.bend ? [slot.key] : [])))
  const into = grouped(pieces, (piece) => piece.to)
  const outOf = grouped(pieces, (piece) => piece.from)
  const weight = (piece: Piece) => (bends.has(piece.from) && bends.has(piece.to) ? 8 : bends.has(piece.from) || bends.has(piece.to) ? 2 : 1)

  for (let round = 0; round < rounds; ++round) {
    const order = round % 2 === 0 ? rows : [...rows].reverse()
    for (const row of order) {
      const wishes = row.map((slot) => {
        let sum = 0
        let weights = 0
        for (const piece of into.get(slot.key) ?? []) {
          sum += weight(piece) * (middle.get(piece.from)! + piece.fromDx - piece.toDx)
          weights += weight(piece)
        }
        for (const piece of outOf.get(slot.key) ?? []) {
          sum += weight(piece) * (middle.get(piece.to)! + piece.toDx - piece.fromDx)
          weights += weight(piece)
        }
        return weights === 0 ? { at: middle.get(slot.key)!, weight: 0.1 } : { at: sum / weights, weight: weights }
      })
      const offsets = offsetsOf(row, gap)
      const places = nonDecreasing(wishes.map((wish, index) => ({ ...wish, at: wish.at - offsets[index]! })))
      for (const [index, slot] of row.entries()) middle.set(slot.key, places[index]! + offsets[index]!)
    }
  }
  return middle
}

/** Distance of each slot's middle from the first one's when they stand as close as they may. */
function offsetsOf(row: Slot[], gap: number): number[] {
  const offsets: number[] = []
  for (const [index, slot] of row.entries()) {
    const before = row[index - 1]
    const between = before?.bend && slot.bend ? gap / 2 : gap
    offsets.push(before ? offsets[index - 1]! + before.width / 2 + between + slot.width / 2 : 0)
  }
  return offsets
}

/**
 * The non-decreasing values with the smallest weighted sum of squared distances from the wishes, by pooling adjacent
 * violators (Ayer et al., Annals of Mathematical Statistics 26(4), 1955).
 */
export function nonDecreasing(wishes: { at: number; weight: number }[]): number[] {
  const pools: { at: number; weight: number; count: number }[] = []
  for (const wish of wishes) {
    let pool = { ...wish, count: 1 }
    for (let last = pools.at(-1); last && last.at > pool.at; last = pools.at(-1)) {
      const weight = last.weight + pool.weight
      pool = { at: (last.at * last.weight + pool.at * pool.weight) / weight, weight, count: last.count + pool.count }
      pools.pop()
    }
    pools.push(pool)
  }
  return pools.flatMap((pool) => Array.from({ length: pool.count }, () => pool.at))
}
