/**
 * The drawing of a whole pipeline: each scope is a layered drawing of its own, and stands in the drawing around it as a
 * box. What a scope reads from outside comes in through its upper side, what it gives leaves through its lower one.
 */
import type { Graph } from '../../api/types'
import { layered, type Item, type Layered, type Link, type Point } from './layered'

export interface Rect extends Point {
  width: number
  height: number
}

/** All edges from one node to another. */
export interface Wire {
  key: string
  from: number
  to: number
  edges: Graph['edges']
  points: Point[]
}

export interface Drawing {
  width: number
  height: number
  /** Of each node; of one that opens a scope, its box's head. */
  nodes: Map<number, Rect>
  /** Of each scope but the outermost, outer ones first. */
  boxes: { scope: number; node: number; rect: Rect }[]
  wires: Wire[]
}

export interface Sizes {
  node: { width: number; height: number }
  /** Height of a box's head. */
  head: number
  /** Between a box's edge and what is inside. */
  padding: number
  gap: { across: number; down: number }
  margin: number
}

export const sizes: Sizes = {
  node: { width: 164, height: 66 },
  head: 56,
  padding: 16,
  gap: { across: 16, down: 40 },
  margin: 12,
}

interface Inner {
  drawing: Layered
  width: number
  height: number
}

export function draw(graph: Graph, size: Sizes = sizes): Drawing {
  const tree = new Scopes(graph)
  const wires = wiresOf(graph)
  const inner = new Map<number, Inner>()
  // Inner scopes first: the drawing around needs their sizes, and where their wires come in and leave.
  for (const scope of tree.innermostFirst()) inner.set(scope, drawScope(scope, tree, wires, inner, size))
  return assembled(tree, wires, inner, size)
}

class Scopes {
  readonly graph: Graph
  private readonly parent: Map<number, number>
  private readonly opener: Map<number, number>
  readonly scopeOf: Map<number, number>

  constructor(graph: Graph) {
    this.graph = graph
    this.parent = new Map(graph.scopes.map((scope) => [scope.id, scope.parent]))
    this.opener = new Map(graph.scopes.map((scope) => [scope.id, scope.foreach]))
    this.scopeOf = new Map(graph.nodes.map((node) => [node.id, node.scope]))
  }

  depth(scope: number): number {
    let depth = 0
    for (let at = scope; (this.parent.get(at) ?? -1) >= 0; at = this.parent.get(at)!) depth += 1
    return depth
  }

  outermostFirst = () => this.graph.scopes.map((scope) => scope.id).sort((a, b) => this.depth(a) - this.depth(b) || a - b)
  innermostFirst = () => this.outermostFirst().reverse()
  openerOf = (scope: number) => this.opener.get(scope) ?? -1
  openedBy = (node: number) => this.graph.scopes.find((scope) => scope.foreach === node)?.id

  /** What stands for a node in a scope: itself, the box it is in, or nothing when it is outside. */
  standIn(node: number, scope: number): number | undefined {
    let at = this.scopeOf.get(node)
    let stand = node
    while (at !== undefined && at !== scope) {
      stand = this.openerOf(at)
      at = at < 0 || this.parent.get(at) === undefined || this.parent.get(at)! < 0 ? undefined : this.parent.get(at)
    }
    return at === undefined ? undefined : stand
  }
}

function wiresOf(graph: Graph): Wire[] {
  const wires = new Map<string, Wire>()
  for (const edge of graph.edges) {
    const key = `${edge.from}-${edge.to}`
    const wire = wires.get(key)
    if (wire) wire.edges.push(edge)
    else wires.set(key, { key, from: edge.from, to: edge.to, edges: [edge], points: [] })
  }
  return [...wires.values()]
}

const entry = (from: number) => `entry ${from}`
const exit = (from: number) => `exit ${from}`

/** The node inside a box whose gathered results a wire from the box carries on; else the wire's own first node. */
export function giver(wire: Wire, wires: Wire[]): number {
  const gathers = wires.filter((other) => other.to === wire.from && other.edges.some((edge) => edge.kind === 'gather'))
  const port = wire.edges[0]?.port
  return gathers.find((other) => other.edges.some((edge) => edge.port === port))?.from ?? wire.from
}

/** The piece of a wire in a scope: its ends there, and whether it comes from outside or leaves; undefined without one. */
function pieceIn(wire: Wire, scope: number, tree: Scopes) {
  const from = tree.standIn(wire.from, scope)
  const to = tree.standIn(wire.to, scope)
  // A foreach gives its own elements to its own scope: there it is outside, and around it there is nothing to draw.
  if ((from === undefined && to === undefined) || from === to) return undefined
  const fromKey = from === undefined ? entry(wire.from) : `node ${from}`
  const toKey = to === undefined ? exit(wire.from) : `node ${to}`
  // Wires into the same box from the same node share their way up to it, and so do those out of it.
  const via = to !== undefined && to !== wire.to ? entry(wire.from) : ''
  return { key: `${fromKey} > ${toKey} ${via}${from !== wire.from ? ` ${wire.from}` : ''}`, from, to, fromKey, toKey }
}

function drawScope(scope: number, tree: Scopes, wires: Wire[], inner: Map<number, Inner>, size: Sizes): Inner {
  const items = new Map<string, Item>()
  for (const node of tree.graph.nodes) {
    if (node.scope !== scope) continue
    const box = inner.get(tree.openedBy(node.id) ?? -1)
    items.set(`node ${node.id}`, { key: `node ${node.id}`, ...(box ? { width: box.width, height: box.height } : size.node) })
  }
  const links = new Map<string, Link>()
  for (const wire of wires) {
    const piece = pieceIn(wire, scope, tree)
    if (!piece) continue
    if (piece.from === undefined) items.set(piece.fromKey, { key: piece.fromKey, width: 12, height: 0, pin: 'first' })
    if (piece.to === undefined) items.set(piece.toKey, { key: piece.toKey, width: 12, height: 0, pin: 'last' })
    links.set(piece.key, {
      key: piece.key,
      from: piece.fromKey,
      to: piece.toKey,
      fromDx: piece.from === undefined ? 0 : portDx(piece.from, exit(giver(wire, wires)), tree, inner, size),
      // What a foreach takes apart goes on from where its elements come in.
      toDx: piece.to === undefined ? 0 : portDx(piece.to, entry(piece.to === wire.to ? wire.to : wire.from), tree, inner, size),
    })
  }
  const drawing = layered([...items.values()], [...links.values()], size.gap)
  return {
    drawing,
    width: Math.max(drawing.width, size.node.width) + 2 * size.padding,
    height: size.head + drawing.height + (drawing.height > 0 ? size.padding : 0),
  }
}

/** Where a wire goes through a box's side, from the box's middle; undefined for a plain node. */
function portDx(node: number, port: string, tree: Scopes, inner: Map<number, Inner>, size: Sizes): number | undefined {
  const box = inner.get(tree.openedBy(node) ?? -1)
  const place = box?.drawing.places.get(port)
  return box && place ? place.x + 6 + size.padding - box.width / 2 : undefined
}

function assembled(tree: Scopes, wires: Wire[], inner: Map<number, Inner>, size: Sizes): Drawing {
  const nodes = new Map<number, Rect>()
  const boxes: Drawing['boxes'] = []
  const origins = new Map<number, Point>()
  for (const scope of tree.outermostFirst()) {
    const opener = nodes.get(tree.openerOf(scope))
    const { drawing, width, height } = inner.get(scope)!
    const origin = opener ? { x: opener.x + size.padding, y: opener.y + size.head } : { x: size.margin, y: size.margin }
    origins.set(scope, origin)
    if (opener) boxes.push({ scope, node: tree.openerOf(scope), rect: { x: opener.x, y: opener.y, width, height } })
    for (const node of tree.graph.nodes) {
      const place = node.scope === scope ? drawing.places.get(`node ${node.id}`) : undefined
      if (!place) continue
      const box = inner.get(tree.openedBy(node.id) ?? -1)
      const own = box ? { width: box.width, height: size.head } : size.node
      nodes.set(node.id, { x: origin.x + place.x, y: origin.y + place.y, ...own })
    }
  }
  const outwards = tree.innermostFirst()
  for (const wire of wires) {
    const leaving: Point[] = []
    const entering: Point[] = []
    for (const scope of outwards) {
      const piece = pieceIn(wire, scope, tree)
      const route = piece && inner.get(scope)!.drawing.routes.get(piece.key)
      if (!route) continue
      const origin = origins.get(scope)!
      const points = route.map((point) => ({ x: point.x + origin.x, y: point.y + origin.y }))
      if (piece.to === undefined) leaving.push(...points)
      else entering.unshift(...points)
    }
    const box = boxes.find((candidate) => candidate.node === wire.to)
    const last = leaving.at(-1)
    // What a box gathers ends at its lower side, where the wire that carries it on begins.
    if (box && last && wire.edges.every((edge) => edge.kind === 'gather')) leaving.push({ x: last.x, y: box.rect.y + box.rect.height })
    wire.points = [...leaving, ...entering]
  }
  const outer = inner.get(tree.outermostFirst()[0]!)!.drawing
  return { width: outer.width + 2 * size.margin, height: outer.height + 2 * size.margin, nodes, boxes, wires }
}
