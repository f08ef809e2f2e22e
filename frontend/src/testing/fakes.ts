/** A network for tests: requests are held until the test answers them. */
import { vi } from 'vitest'

type Handler = (event: ProgressEvent | Event) => void

/** Stands in for XMLHttpRequest; `FakeXhr.sent` has all requests in order. */
export class FakeXhr {
  static sent: FakeXhr[] = []
  upload: { onprogress?: Handler; onload?: Handler } = {}
  onload?: Handler
  onerror?: Handler
  onabort?: Handler
  status = 0
  responseText = ''
  method = ''
  path = ''
  body: FormData | undefined
  aborted = false
  requestHeaders: Record<string, string> = {}
  private headers: Record<string, string> = {}

  open(method: string, path: string) {
    this.method = method
    this.path = path
  }
  setRequestHeader(name: string, value: string) {
    this.requestHeaders[name] = value
  }
  getResponseHeader(name: string) {
    return this.headers[name] ?? null
  }
  send(body: FormData) {
    this.body = body
    FakeXhr.sent.push(this)
  }
  abort() {
    this.aborted = true
    this.onabort?.(new Event('abort'))
  }
  progress(loaded: number, total: number) {
    this.upload.onprogress?.({ loaded, total } as ProgressEvent)
  }
  uploaded() {
    this.upload.onload?.(new Event('load'))
  }
  answer(status: number, body: unknown, headers: Record<string, string> = {}) {
    this.status = status
    this.responseText = typeof body === 'string' ? body : JSON.stringify(body)
    this.headers = headers
    this.onload?.(new Event('load'))
  }
  files() {
    return this.body?.getAll('image').map((file) => (file as File).name)
  }
}

export function fakeXhr() {
  FakeXhr.sent = []
  vi.stubGlobal('XMLHttpRequest', FakeXhr)
}

/** A stream that the test writes. */
export function fakeStream() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) })
  return {
    response: new Response(body, { status: 200 }),
    write: (text: string) => controller?.enqueue(new TextEncoder().encode(text)),
    end: () => controller?.close(),
    cut: () => controller?.error(new TypeError('network error')),
  }
}
