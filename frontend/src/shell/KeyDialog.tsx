import { useEffect, useRef, useSyncExternalStore, type FormEvent } from 'react'
import { apiKey } from '../api/key'
import styles from '../ui/dialog.module.css'

/** Asks for the API key when the server wants one. */
export function KeyDialog() {
  const wanted = useSyncExternalStore(apiKey.subscribe, apiKey.wanted)
  const dialog = useRef<HTMLDialogElement>(null)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (wanted) dialog.current?.showModal()
    else dialog.current?.close()
  }, [wanted])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const value = input.current?.value ?? ''
    if (input.current) input.current.value = ''
    apiKey.set(value)
  }
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      onClose={() => {
        if (apiKey.wanted()) apiKey.dismiss()
      }}
      aria-labelledby="key-title"
    >
      <h2 id="key-title">API key</h2>
      <p>
        {apiKey.rejected() ? 'The server did not accept the key. ' : 'This server wants a key. '}
        It is kept in this tab until you close or reload it, and stored nowhere.
      </p>
      <form onSubmit={submit}>
        <p>
          <label htmlFor="api-key">Key</label>
        </p>
        <input ref={input} id="api-key" type="password" autoComplete="off" required />
        <div className={styles.buttons}>
          <button type="submit" className="primary">
            Use this key
          </button>
          <button type="button" onClick={() => apiKey.dismiss()}>
            Not now
          </button>
        </div>
      </form>
    </dialog>
  )
}
