import { useState } from 'react'
import { toCsv, toJson } from '../logic/export'
import type { Entry } from '../logic/queue'
import type { VerdictFilter } from '../logic/table'
import { verdictWords } from '../logic/verdict'
import { download } from '../ui/download'
import styles from './TableTools.module.css'

interface TableToolsProps {
  text: string
  onText: (text: string) => void
  verdict: VerdictFilter
  onVerdict: (verdict: VerdictFilter) => void
  /** What the table shows, which is what is saved. */
  entries: readonly Entry[]
}

/** What narrows the table, and what saves it. */
export function TableTools({ text, onText, verdict, onVerdict, entries }: TableToolsProps) {
  return (
    <div className={styles.tools}>
      <label>
        <span>Find</span>
        <input
          type="search"
          value={text}
          onChange={(event) => onText(event.target.value)}
          placeholder="Name or state"
        />
      </label>
      <label>
        <span>Verdict</span>
        <select value={verdict} onChange={(event) => onVerdict(event.target.value as VerdictFilter)}>
          <option value="all">All</option>
          <option value="fake">{verdictWords.fake}</option>
          <option value="inconclusive">{verdictWords.inconclusive}</option>
          <option value="real">{verdictWords.real}</option>
          <option value="problem">Not judged</option>
        </select>
      </label>
      <Exports entries={entries} />
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
