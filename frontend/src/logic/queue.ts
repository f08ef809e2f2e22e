import type { Problem } from '../api/problem'
import type { JudgedPicture } from './judged'
import type { FileFacts } from './sniff'

/** Where a picture stands. Every step is something that has happened, none is guessed. */
export type Stage =
  | { kind: 'reading' }
  | { kind: 'queued' }
  | { kind: 'uploading'; sent: number }
  | { kind: 'waiting' }
  | { kind: 'judged'; picture: JudgedPicture }
  | { kind: 'refused'; problem: Problem }
  | { kind: 'failed'; problem: Problem }
  | { kind: 'cancelled' }

export interface Entry {
  id: number
  file: File
  facts: FileFacts | null
  /** Of the file, computed here; null until then, or where the browser cannot. */
  sha256: string | null
  /** A blob: URL of a small copy. */
  thumbnail: string | null
  /** Of entries that go to the server in one job; null for a request of its own. */
  batch: number | null
  stage: Stage
}

export interface Queue {
  entries: readonly Entry[]
  selected: number | null
}

export type Action =
  | { type: 'add'; entries: Entry[] }
  | { type: 'read'; id: number; facts: FileFacts | null; sha256: string | null; problem: Problem | null }
  | { type: 'thumbnail'; id: number; url: string }
  | { type: 'sent'; sent: ReadonlyMap<number, number> }
  | { type: 'waiting'; ids: readonly number[] }
  | { type: 'judged'; id: number; picture: JudgedPicture }
  | { type: 'failed'; ids: readonly number[]; problem: Problem }
  /** Back into the queue, to be read first if that was never done; `batch` says how it will travel. */
  | { type: 'queue'; ids: readonly number[]; batch: number | null }
  | { type: 'cancel'; ids: readonly number[] }
  | { type: 'remove'; ids: readonly number[] }
  | { type: 'select'; id: number | null }

export const emptyQueue: Queue = { entries: [], selected: null }

const underWay = new Set<Stage['kind']>(['reading', 'queued', 'uploading', 'waiting'])
export const isUnderWay = (entry: Entry) => underWay.has(entry.stage.kind)
const onTheWire = (entry: Entry) => entry.stage.kind === 'uploading' || entry.stage.kind === 'waiting'

export function reduce(queue: Queue, action: Action): Queue {
  switch (action.type) {
    case 'add': {
      const selected = queue.selected ?? action.entries[0]?.id ?? null
      return { entries: [...queue.entries, ...action.entries], selected }
    }
    case 'read':
      return change(queue, [action.id], (entry) => {
        const next = { ...entry, facts: action.facts, sha256: action.sha256 }
        if (entry.stage.kind !== 'reading') return next
        return { ...next, stage: action.problem ? { kind: 'refused', problem: action.problem } : { kind: 'queued' } }
      })
    case 'thumbnail':
      return change(queue, [action.id], (entry) => ({ ...entry, thumbnail: action.url }))
    case 'sent':
      return change(queue, [...action.sent.keys()], (entry) => {
        const sent = action.sent.get(entry.id) ?? 0
        const moves = entry.stage.kind === 'queued' || (entry.stage.kind === 'uploading' && entry.stage.sent !== sent)
        return moves ? { ...entry, stage: { kind: 'uploading', sent } } : entry
      })
    case 'waiting':
      return change(queue, action.ids, (entry) =>
        entry.stage.kind === 'uploading' || entry.stage.kind === 'queued'
          ? { ...entry, stage: { kind: 'waiting' } }
          : entry,
      )
    // What comes back for a picture that was cancelled meanwhile is dropped.
    case 'judged':
      return change(queue, [action.id], (entry) =>
        onTheWire(entry) ? { ...entry, stage: { kind: 'judged', picture: action.picture } } : entry,
      )
    case 'failed':
      return change(queue, action.ids, (entry) =>
        isUnderWay(entry) ? { ...entry, stage: { kind: 'failed', problem: action.problem } } : entry,
      )
    case 'queue':
      return change(queue, action.ids, (entry) =>
        entry.stage.kind === 'judged' || entry.stage.kind === 'refused' || entry.stage.kind === 'reading'
          ? entry
          : { ...entry, batch: action.batch, stage: { kind: entry.facts ? 'queued' : 'reading' } },
      )
    case 'cancel':
      return change(queue, action.ids, (entry) =>
        isUnderWay(entry) ? { ...entry, stage: { kind: 'cancelled' } } : entry,
      )
    case 'remove': {
      const gone = new Set(action.ids)
      const entries = queue.entries.filter((entry) => !gone.has(entry.id))
      if (queue.selected === null || !gone.has(queue.selected)) return { ...queue, entries }
      const at = queue.entries.findIndex((entry) => entry.id === queue.selected)
      const neighbour = entries[Math.min(at, entries.length - 1)]
      return { entries, selected: neighbour?.id ?? null }
    }
    case 'select':
      return { ...queue, selected: action.id }
  }
}

function change(queue: Queue, ids: readonly number[], update: (entry: Entry) => Entry): Queue {
  const wanted = new Set(ids)
  let changed = false
  const entries = queue.entries.map((entry) => {
    if (!wanted.has(entry.id)) return entry
    const next = update(entry)
    changed ||= next !== entry
    return next
  })
  return changed ? { ...queue, entries } : queue
}

export interface Tally {
  all: number
  judged: number
  failed: number
  cancelled: number
  underWay: number
}

export function tally(entries: readonly Entry[]): Tally {
  const kinds = (...wanted: Stage['kind'][]) => entries.filter((entry) => wanted.includes(entry.stage.kind)).length
  return {
    all: entries.length,
    judged: kinds('judged'),
    failed: kinds('failed', 'refused'),
    cancelled: kinds('cancelled'),
    underWay: entries.filter(isUnderWay).length,
  }
}
