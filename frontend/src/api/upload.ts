import { apiKey, authHeaders } from './key'
import { networkProblem, problemOf, RequestFailed } from './problem'

export interface UploadOptions {
  signal: AbortSignal
  /** Bytes handed to the network so far, of all bytes of the request. */
  onSent?: (sent: number, total: number) => void
  /** The last byte is sent; the answer is awaited. */
  onWaiting?: () => void
}

/** Posts files in the field `image`. By XMLHttpRequest, because fetch does not tell how far an upload is. */
export function upload<T>(path: string, files: readonly File[], options: UploadOptions): Promise<T> {
  const form = new FormData()
  for (const file of files) form.append('image', file, file.name)
  return new Promise<T>((resolve, reject) => {
    const { signal } = options
    const used = apiKey.get()
    if (signal.aborted) return reject(new DOMException('Aborted', 'AbortError'))
    const xhr = new XMLHttpRequest()
    const stop = () => xhr.abort()
    const fail = (error: Error) => {
      signal.removeEventListener('abort', stop)
      reject(error)
    }
    signal.addEventListener('abort', stop, { once: true })
    xhr.upload.onprogress = (event) => options.onSent?.(event.loaded, event.total)
    xhr.upload.onload = () => options.onWaiting?.()
    xhr.onabort = () => fail(new DOMException('Aborted', 'AbortError'))
    xhr.onerror = () => fail(new RequestFailed(networkProblem()))
    xhr.ontimeout = xhr.onerror
    xhr.onload = () => {
      if (xhr.status < 200 || xhr.status > 299) {
        if (xhr.status === 401) apiKey.refuse(used)
        return fail(new RequestFailed(problemOf(xhr.status, xhr.responseText, (name) => xhr.getResponseHeader(name))))
      }
      try {
        const answer = JSON.parse(xhr.responseText) as T
        signal.removeEventListener('abort', stop)
        resolve(answer)
      } catch {
        fail(new RequestFailed({ ...networkProblem(), code: 'bad_answer', status: xhr.status }))
      }
    }
    xhr.open('POST', path)
    for (const [name, value] of Object.entries(authHeaders())) xhr.setRequestHeader(name, value)
    xhr.send(form)
  })
}
