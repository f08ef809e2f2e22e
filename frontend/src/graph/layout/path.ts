import type { Point } from './layered'

/** A smooth line through the points, upright in each of them; straight where two stand above each other. */
export function pathOf(points: Point[]): string {
  const parts: string[] = []
  for (const [index, to] of points.entries()) {
    const from = points[index - 1]
    if (!from) parts.push(`M${round(to.x)} ${round(to.y)}`)
    else if (Math.abs(from.x - to.x) < 0.5 || from.y >= to.y) parts.push(`L${round(to.x)} ${round(to.y)}`)
    else {
      const half = round((from.y + to.y) / 2)
      parts.push(`C${round(from.x)} ${half} ${round(to.x)} ${half} ${round(to.x)} ${round(to.y)}`)
    }
  }
  return parts.join('')
}

const round = (value: number) => Math.round(value * 10) / 10

/** The point in the middle of the line's length, for its words. */
export function middleOf(points: Point[]): Point {
  const lengths = points.slice(1).map((point, index) => Math.hypot(point.x - points[index]!.x, point.y - points[index]!.y))
  let rest = lengths.reduce((sum, length) => sum + length, 0) / 2
  for (const [index, length] of lengths.entries()) {
    if (rest <= length && length > 0) {
      const [a, b] = [points[index]!, points[index + 1]!]
      return { x: a.x + ((b.x - a.x) * rest) / length, y: a.y + ((b.y - a.y) * rest) / length }
    }
    rest -= length
  }
  return points[0] ?? { x: 0, y: 0 }
}
