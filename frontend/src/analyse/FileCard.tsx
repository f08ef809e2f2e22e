import { bytes, milliseconds } from '../logic/format'
import type { JudgedPicture } from '../logic/judged'
import type { Entry } from '../logic/queue'
import { compareHashes } from '../logic/sha256'
import { traceNotes } from '../logic/traces'
import card from '../ui/card.module.css'
import { Hash } from '../ui/Hash'
import { Notice } from '../ui/Notice'
import styles from './FileCard.module.css'

const hashWords = {
  same: 'The server judged exactly this file.',
  unknown: 'Not compared: the browser computes hashes only on pages from this computer or by HTTPS.',
}

export function FileCard({ entry, picture }: { entry: Entry; picture: JudgedPicture }) {
  const check = compareHashes(entry.sha256, picture.sha256)
  const { timings } = picture
  return (
    <section className={card.card} aria-labelledby="file-title">
      <div className={card.head}>
        <h3 id="file-title">File</h3>
      </div>
      <dl className={card.facts}>
        <dt>Picture</dt>
        <dd>
          {picture.width} × {picture.height}, {picture.format.toUpperCase()}, {bytes(picture.bytes)}
        </dd>
        <dt>SHA-256</dt>
        <dd>
          <Hash value={picture.sha256} of="the file" />
          {check !== 'different' && <div className={card.soft}>{hashWords[check]}</div>}
        </dd>
        <dt>Time</dt>
        <dd>
          {milliseconds(timings.total)} in all: {milliseconds(timings.receive)} receiving, {milliseconds(timings.queue)}{' '}
          queuing, {milliseconds(timings.graph)} judging
        </dd>
        <dt>Request</dt>
        <dd>
          <code>{picture.request_id}</code>
        </dd>
      </dl>
      <div className={styles.notices}>
        {check === 'different' && (
          <Notice kind="problem">
            <p>The server judged other bytes than this file has. Do not rely on this result.</p>
          </Notice>
        )}
        {picture.warnings.length > 0 && (
          <Notice kind="caution">
            <p>The decoder forgave: {picture.warnings.join('; ')}.</p>
          </Notice>
        )}
      </div>
      <ul className={styles.notes}>
        {traceNotes(entry.facts, picture).map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </section>
  )
}
