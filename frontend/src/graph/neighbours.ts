import { giver, type Drawing, type Rect, type Wire } from './layout/drawing'

export type Step = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight' | 'Home' | 'End'
export const steps: ReadonlySet<string> = new Set<Step>(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End'])

/**
 * The node a key leads to: down and up along the wires, to the nearest of several; left and right to what stands beside;
 * Home and End to the first and the last. Undefined where there is none.
 */
export function neighbour(drawing: Drawing, from: number, step: Step): number | undefined {
  const here = drawing.nodes.get(from)
  if (!here) return undefined
  switch (step) {
    case 'Home':
      return best([...drawing.nodes.keys()], (id) => topLeft(drawing.nodes.get(id)!))
    case 'End':
      return best([...drawing.nodes.keys()], (id) => -topLeft(drawing.nodes.get(id)!))
    case 'ArrowDown':
      return nearest(drawing, here, drawing.wires.filter((wire) => wire.from === from).flatMap((wire) => fed(drawing, wire)))
    case 'ArrowUp':
      return nearest(drawing, here, drawing.wires.filter((wire) => wire.to === from && !gathers(wire)).map((wire) => giver(wire, drawing.wires)))
    default: {
      const side = step === 'ArrowLeft' ? -1 : 1
      const beside = [...drawing.nodes].filter(([id, rect]) => {
        const overlap = rect.y < here.y + here.height && here.y < rect.y + rect.height
        return id !== from && overlap && side * (middle(rect) - middle(here)) > 0
      })
      return nearest(drawing, here, beside.map(([id]) => id))
    }
  }
}

const gathers = (wire: Wire) => wire.edges.every((edge) => edge.kind === 'gather')

/** What a wire leads to; what a box gathers goes on to whoever reads it from the box. */
function fed(drawing: Drawing, wire: Wire): number[] {
  if (!gathers(wire)) return [wire.to]
  return drawing.wires.filter((other) => other.from === wire.to && giver(other, drawing.wires) === wire.from).flatMap((other) => fed(drawing, other))
}

const middle = (rect: Rect) => rect.x + rect.width / 2
const topLeft = (rect: Rect) => rect.y * 1e5 + rect.x

function nearest(drawing: Drawing, here: Rect, ids: number[]): number | undefined {
  return best(ids, (id) => {
    const rect = drawing.nodes.get(id)!
    return Math.hypot(middle(rect) - middle(here), rect.y - here.y)
  })
}

function best(ids: number[], cost: (id: number) => number): number | undefined {
  let found: number | undefined
  for (const id of ids) if (found === undefined || cost(id) < cost(found)) found = id
  return found
}
