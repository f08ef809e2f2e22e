import { useEffect, useRef, useState } from 'react'
import { session } from '../work/current'
import styles from '../ui/dialog.module.css'

/** Browsers offer the camera only to pages that come by HTTPS or from this computer. */
export const cameraAvailable = () => typeof navigator.mediaDevices?.getUserMedia === 'function'

export function Camera({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const [state, setState] = useState<'asking' | 'live' | 'refused'>('asking')

  useEffect(() => {
    dialog.current?.showModal()
    let stream: MediaStream | null = null
    let closed = false
    navigator.mediaDevices.getUserMedia({ video: { facingMode: 'user', width: { ideal: 1280 } } }).then(
      (opened) => {
        if (closed) return opened.getTracks().forEach((track) => track.stop())
        stream = opened
        if (video.current) video.current.srcObject = opened
        setState('live')
      },
      () => setState('refused'),
    )
    return () => {
      closed = true
      stream?.getTracks().forEach((track) => track.stop())
    }
  }, [])

  const capture = () => {
    const source = video.current
    if (!source) return
    const canvas = document.createElement('canvas')
    canvas.width = source.videoWidth
    canvas.height = source.videoHeight
    canvas.getContext('2d')?.drawImage(source, 0, 0)
    // Without loss: a JPEG made here would add traces of its own.
    canvas.toBlob((blob) => {
      if (!blob) return
      const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
      session.add([new File([blob], `camera-${stamp}.png`, { type: 'image/png' })])
      onClose()
    }, 'image/png')
  }

  return (
    <dialog ref={dialog} className={styles.dialog} onClose={onClose} aria-labelledby="camera-title">
      <h2 id="camera-title">Camera</h2>
      {state === 'refused' ? (
        <p role="alert">The browser gives no access to a camera. There may be none, or its use was not allowed.</p>
      ) : (
        <video ref={video} className={styles.video} autoPlay playsInline muted aria-label="What the camera sees" />
      )}
      <div className={styles.buttons}>
        {state !== 'refused' && (
          <button type="button" className="primary" disabled={state !== 'live'} onClick={capture}>
            Take the picture
          </button>
        )}
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </dialog>
  )
}
