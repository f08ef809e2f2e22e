import { useEffect, useRef, useState, type ChangeEvent } from 'react'
import { bytes, megapixels } from '../logic/format'
import { session, useSession } from '../work/current'
import { Camera, cameraAvailable } from './Camera'
import styles from './Intake.module.css'

const accepted = 'image/jpeg,image/png,image/webp'

const filesOf = (transfer: DataTransfer | null) => Array.from(transfer?.files ?? [])

/** Takes pictures in: picked, dropped or pasted anywhere on the page, or from a camera. */
export function Intake({ compact }: { compact: boolean }) {
  const { info } = useSession()
  const [camera, setCamera] = useState(false)
  const over = useFileDrop()
  const input = useRef<HTMLInputElement>(null)
  const pick = (event: ChangeEvent<HTMLInputElement>) => {
    session.add(Array.from(event.target.files ?? []))
    event.target.value = ''
  }
  return (
    <section
      className={`${styles.intake} ${compact ? styles.compact : ''} ${over ? styles.over : ''}`}
      aria-label="Add pictures"
    >
      {!compact && <FrameSign />}
      <p className={styles.call}>{over ? 'Drop to analyse' : compact ? 'Drop or paste more' : 'Drop pictures here'}</p>
      <div className={styles.buttons}>
        <button type="button" className={compact ? '' : 'primary'} onClick={() => input.current?.click()}>
          {compact ? 'Add pictures' : 'Choose pictures'}
        </button>
        <input
          ref={input}
          className="hidden"
          type="file"
          multiple
          accept={accepted}
          onChange={pick}
          aria-label="Choose pictures"
          tabIndex={-1}
        />
        {cameraAvailable() && (
          <button type="button" onClick={() => setCamera(true)}>
            {compact ? 'Camera' : 'Use the camera'}
          </button>
        )}
      </div>
      <p className={styles.limits}>
        {compact ? '' : 'or paste from the clipboard. '}JPEG, PNG or WebP
        {info && `, up to ${bytes(info.limits.upload_bytes)} and ${megapixels(info.limits.pixels)} each`}
      </p>
      {camera && <Camera onClose={() => setCamera(false)} />}
    </section>
  )
}

/** Files dropped or pasted anywhere on the page; true while something is dragged over it. */
function useFileDrop(): boolean {
  const [over, setOver] = useState(false)
  useEffect(() => {
    let depth = 0
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true
    const enter = (event: DragEvent) => {
      if (!carriesFiles(event)) return
      depth += 1
      setOver(true)
    }
    const leave = (event: DragEvent) => {
      if (!carriesFiles(event)) return
      depth = Math.max(0, depth - 1)
      setOver(depth > 0)
    }
    const hover = (event: DragEvent) => {
      if (carriesFiles(event)) event.preventDefault()
    }
    const drop = (event: DragEvent) => {
      if (!carriesFiles(event)) return
      event.preventDefault()
      depth = 0
      setOver(false)
      session.add(filesOf(event.dataTransfer))
    }
    const paste = (event: ClipboardEvent) => {
      const files = filesOf(event.clipboardData)
      if (files.length > 0) session.add(files)
    }
    document.addEventListener('dragenter', enter)
    document.addEventListener('dragleave', leave)
    document.addEventListener('dragover', hover)
    document.addEventListener('drop', drop)
    document.addEventListener('paste', paste)
    return () => {
      document.removeEventListener('dragenter', enter)
      document.removeEventListener('dragleave', leave)
      document.removeEventListener('dragover', hover)
      document.removeEventListener('drop', drop)
      document.removeEventListener('paste', paste)
    }
  }, [])
  return over
}

function FrameSign() {
  return (
    <svg width="72" height="72" viewBox="0 0 72 72" fill="none" aria-hidden="true" className={styles.sign}>
      <path d="M6 20v-8a6 6 0 0 1 6-6h8M52 6h8a6 6 0 0 1 6 6v8M66 52v8a6 6 0 0 1-6 6h-8M20 66h-8a6 6 0 0 1-6-6v-8" />
      <ellipse cx="36" cy="34" rx="13" ry="16" />
      <path d="M17 62c3-7 10-10 19-10s16 3 19 10" />
    </svg>
  )
}
