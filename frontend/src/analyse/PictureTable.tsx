import { useMemo, useState } from 'react'
import type { Entry } from '../logic/queue'
import { filterRows, sortRows, toRow, type Sort, type SortKey, type VerdictFilter } from '../logic/table'
import { PictureRow } from './PictureRow'
import styles from './PictureTable.module.css'
import { TableTools } from './TableTools'

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
  return (
    <div className={styles.table}>
      {entries.length > 1 && (
        <TableTools
          text={text}
          onText={setText}
          verdict={verdict}
          onVerdict={setVerdict}
          entries={shown.map((row) => row.entry)}
        />
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

function SortSign({ direction }: { direction: 'up' | 'down' | 'none' }) {
  return (
    <svg width="10" height="14" viewBox="0 0 10 14" aria-hidden="true" className={styles.sign}>
      <path d="M5 1 9 5.5H1Z" opacity={direction === 'up' ? 1 : 0.35} />
      <path d="M5 13 1 8.5h8Z" opacity={direction === 'down' ? 1 : 0.35} />
    </svg>
  )
}
