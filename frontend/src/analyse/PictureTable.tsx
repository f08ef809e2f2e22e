import { useMemo, useState } from 'react'
import { toCsv, toJson } from '../logic/export'
import type { Entry } from '../logic/queue'
import { filterRows, sortRows, toRow, type Sort, type SortKey, type VerdictFilter } from '../logic/table'
import { verdictWords } from '../logic/verdict'
import { download } from '../ui/download'
import { PictureRow } from './PictureRow'
import styles from './PictureTable.module.css'

const columns: { key: SortKey; name: string; className?: string }[] = [
  { key: 'name', name: 'Picture' },
  { key: 'faces', name: 'Faces', className: styles.wide ?? '' },
  { key: 'verdict', name: 'Verdict' },
  { key: 'probability', name: 'Probability of fake', className: styles.wide ?? '' },
  { key: 'state', name: 'State', className: styles.wide ?? '' },
]

/** All pictures, live: a row each, with what can be done about it. */
export function PictureTable({ entries, selected }: { entries: readonly Entry[]; selected: number | null }) {
  const [sort, setSort] = useState<Sort>({ key: 'order', descending: false })
  const [text, setText] = useState('')
  const [verdict, setVerdict] = useState<VerdictFilter>('all')
  const shown = useMemo(
    () => sortRows(filterRows(entries.map(toRow), text, verdict), sort),
    [entries, text, verdict, sort],
  )
  // First up, then down, then as added.
  const turn = (key: SortKey) =>
    setSort((old) => {
      if (old.key !== key) return { key, descending: false }
      return old.descending ? { key: 'order', descending: false } : { key, descending: true }
    })
  const several = entries.length > 1
  return (
    <div className={styles.table}>
      {several && (
        <div className={styles.tools}>
          <label>
            <span>Find</span>
            <input
              type="search"
              value={text}
              onChange={(event) => setText(event.target.value)}
              placeholder="Name or state"
            />
          </label>
          <label>
            <span>Verdict</span>
            <select value={verdict} onChange={(event) => setVerdict(event.target.value as VerdictFilter)}>
              <option value="all">All</option>
              <option value="fake">{verdictWords.fake}</option>
              <option value="inconclusive">{verdictWords.inconclusive}</option>
              <option value="real">{verdictWords.real}</option>
              <option value="problem">Not judged</option>
            </select>
          </label>
          <Exports entries={shown.map((row) => row.entry)} />
        </div>
      )}
      <div className={styles.scroll} tabIndex={0} role="region" aria-label="Pictures">
        <table>
          <caption className="hidden">Pictures. The buttons in the head sort.</caption>
          <thead>
            <tr>
              {columns.map(({ key, name, className }) => (
                <th
                  key={key}
                  scope="col"
                  className={className}
                  aria-sort={sort.key === key ? (sort.descending ? 'descending' : 'ascending') : 'none'}
                >
                  <button type="button" className="quiet" onClick={() => turn(key)}>
                    {name}
                    <SortSign direction={sort.key === key ? (sort.descending ? 'down' : 'up') : 'none'} />
                  </button>
                </th>
              ))}
              <th scope="col">
                <span className="hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <PictureRow key={row.entry.id} entry={row.entry} current={row.entry.id === selected} />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <p className={styles.none}>No picture matches.</p>}
      </div>
    </div>
  )
}

function Exports({ entries }: { entries: readonly Entry[] }) {
  const [withPictures, setWithPictures] = useState(false)
  return (
    <div className={styles.exports}>
      <button type="button" onClick={() => download('dfpipe.csv', 'text/csv;charset=utf-8', toCsv(entries))}>
        Save CSV
      </button>
      <button
        type="button"
        onClick={() =>
          void toJson(entries, withPictures).then((json) => download('dfpipe.json', 'application/json', json))
        }
      >
        Save JSON
      </button>
      <label className={styles.check}>
        <input type="checkbox" checked={withPictures} onChange={(event) => setWithPictures(event.target.checked)} />
        with heat maps
      </label>
    </div>
  )
}

function SortSign({ direction }: { direction: 'up' | 'down' | 'none' }) {
  return (
    <svg width="10" height="14" viewBox="0 0 10 14" aria-hidden="true" className={styles.sign}>
      <path d="M5 1 9 5.5H1Z" opacity={direction === 'up' ? 1 : 0.35} />
      <path d="M5 13 1 8.5h8Z" opacity={direction === 'down' ? 1 : 0.35} />
    </svg>
  )
}
