/** Where things lie on a picture, as percentages of it, so that no code needs to know how large it is drawn. */
export interface Placement {
  left: string
  top: string
  width: string
  height: string
}

type Box = readonly [number, number, number, number]

/** Of a box given by left, top, right, bottom in pixels of a picture of width x height. */
export function place([left, top, right, bottom]: Box, width: number, height: number): Placement {
  return {
    left: `${(100 * left) / width}%`,
    top: `${(100 * top) / height}%`,
    width: `${(100 * (right - left)) / width}%`,
    height: `${(100 * (bottom - top)) / height}%`,
  }
}

/** Of the whole picture inside a frame that shows only the box: the opposite of `place`. */
export function placeBehind([left, top, right, bottom]: Box, width: number, height: number): Placement {
  const across = right - left
  const down = bottom - top
  return {
    left: `${(-100 * left) / across}%`,
    top: `${(-100 * top) / down}%`,
    width: `${(100 * width) / across}%`,
    height: `${(100 * height) / down}%`,
  }
}

/** left, top, width, height to left, top, right, bottom. */
export const corners = ([left, top, width, height]: Box): Box => [left, top, left + width, top + height]

/** The index that an arrow key, Home or End leads to in a row of `count`; null for other keys. Goes round at the ends. */
export function arrowTarget(key: string, index: number, count: number): number | null {
  if (count === 0) return null
  if (key === 'ArrowRight' || key === 'ArrowDown') return (index + 1) % count
  if (key === 'ArrowLeft' || key === 'ArrowUp') return (index + count - 1) % count
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  return null
}
