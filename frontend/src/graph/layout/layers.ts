import type { Item, Link } from './layered'

/** The layer of each item: one more than the highest of those it is fed by; what feeds only far layers stands close to them. */
export function layersOf(items: Item[], links: Link[]): Map<string, number> {
  const into = grouped(links, (link) => link.to)
  const outOf = grouped(links, (link) => link.from)
  const layer = new Map<string, number>()
  const open = new Set<string>()
  const pins = new Map(items.map((item) => [item.key, item.pin]))
  const base = items.some((item) => item.pin === 'first') ? 1 : 0

  const depth = (key: string): number => {
    const known = layer.get(key)
    if (known !== undefined) return known
    if (open.has(key)) throw new Error(`the graph has a cycle through ${key}`)
    open.add(key)
    let deepest = pins.get(key) === 'first' ? 0 : base
    for (const link of into.get(key) ?? []) deepest = Math.max(deepest, depth(link.from) + 1)
    layer.set(key, deepest)
    return deepest
  }
  for (const item of items) depth(item.key)

  const inner = items.filter((item) => item.pin !== 'last').map((item) => layer.get(item.key)!)
  const last = inner.length === 0 ? 0 : Math.max(...inner) + 1
  for (const item of items) {
    if (item.pin === 'last') layer.set(item.key, last)
    const next = (outOf.get(item.key) ?? []).map((link) => layer.get(link.to)!)
    if (item.pin === undefined && !into.has(item.key) && next.length > 0) layer.set(item.key, Math.min(...next) - 1)
  }
  return layer
}

export function grouped<T, K>(list: T[], key: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const value of list) {
    const group = groups.get(key(value))
    if (group) group.push(value)
    else groups.set(key(value), [value])
  }
  return groups
}
