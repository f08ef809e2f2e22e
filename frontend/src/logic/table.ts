import type { Verdict } from '../api/types'
import type { Entry, Stage } from './queue'
import { summarise, verdictWords, type Summary } from './verdict'
import { problemWords } from './words'

export type SortKey = 'order' | 'name' | 'faces' | 'verdict' | 'probability' | 'state'
export interface Sort {
  key: SortKey
  descending: boolean
}

/** `all`, a verdict, or `problem` for what could not be judged. */
export type VerdictFilter = 'all' | Verdict | 'problem'

export interface Row {
  entry: Entry
  /** Null until judged. */
  summary: Summary | null
  faces: number | null
  state: string
}

const stageOrder: Stage['kind'][] = [
  'failed',
  'refused',
  'cancelled',
  'reading',
  'queued',
  'uploading',
  'waiting',
  'judged',
]
const verdictOrder: Verdict[] = ['real', 'inconclusive', 'fake']

export function stateWords(stage: Stage, size: number): string {
  switch (stage.kind) {
    case 'reading':
      return 'Hashing'
    case 'queued':
      return 'In the queue'
    case 'uploading':
      return `Uploading ${size > 0 ? Math.floor((100 * stage.sent) / size) : 0} %`
    case 'waiting':
      return 'Waiting for the server'
    case 'judged':
      return 'Judged'
    case 'cancelled':
      return 'Cancelled'
    case 'refused':
    case 'failed':
      return problemWords(stage.problem).title
  }
}

export function toRow(entry: Entry): Row {
  const picture = entry.stage.kind === 'judged' ? entry.stage.picture : null
  return {
    entry,
    summary: picture && summarise(picture.faces),
    faces: picture && picture.face_count,
    state: stateWords(entry.stage, entry.file.size),
  }
}

export function filterRows(rows: readonly Row[], text: string, verdict: VerdictFilter): Row[] {
  const wanted = text.trim().toLocaleLowerCase()
  return rows.filter((row) => {
    const kind = row.entry.stage.kind
    if (verdict === 'problem' && kind !== 'failed' && kind !== 'refused') return false
    if (verdict !== 'all' && verdict !== 'problem' && row.summary?.verdict !== verdict) return false
    if (wanted === '') return true
    const words = `${row.entry.file.name} ${row.state} ${row.summary ? verdictWords[row.summary.verdict] : ''}`
    return words.toLocaleLowerCase().includes(wanted)
  })
}

/** Sorted copy. Rows that have no value for the key stand at the end in either direction; ties keep their order. */
export function sortRows(rows: readonly Row[], { key, descending }: Sort): Row[] {
  const value = sortValue[key]
  const sign = descending ? -1 : 1
  return [...rows].sort((left, right) => {
    const a = value(left)
    const b = value(right)
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
    if (typeof a === 'string' && typeof b === 'string') return sign * a.localeCompare(b, undefined, { numeric: true })
    return sign * (Number(a) - Number(b))
  })
}

const sortValue: Record<SortKey, (row: Row) => string | number | null> = {
  order: (row) => row.entry.id,
  name: (row) => row.entry.file.name,
  faces: (row) => row.faces,
  verdict: (row) => row.summary && verdictOrder.indexOf(row.summary.verdict),
  probability: (row) => row.summary?.probability ?? null,
  state: (row) => stageOrder.indexOf(row.entry.stage.kind),
}
