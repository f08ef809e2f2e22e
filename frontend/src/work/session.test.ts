import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { apiKey } from '../api/key'
import { FakeXhr, fakeStream, fakeXhr } from '../testing/fakes'
import { jpegBytes, sampleInfo, samplePicture } from '../testing/samples'
import { Session } from './session'

const fetched = vi.fn<typeof fetch>()
beforeEach(() => {
  fakeXhr()
  fetched.mockReset()
  fetched.mockImplementation(async () => new Response('{}', { status: 404 }))
  vi.stubGlobal('fetch', fetched)
  vi.stubGlobal('createImageBitmap', () => Promise.reject(new Error('none here')))
})
afterEach(() => {
  vi.useRealTimers()
  apiKey.set('')
})

const files = (...names: string[]) => names.map((name) => new File([jpegBytes], name, { type: 'image/jpeg' }))
const kinds = (session: Session) => session.state.queue.entries.map((entry) => entry.stage.kind)
const ids = (session: Session) => session.state.queue.entries.map((entry) => entry.id)
/** Hashing takes as long as the machine needs; the test ends when it is done. */
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 })
const sent = (count: number) => eventually(() => expect(FakeXhr.sent).toHaveLength(count))
const full = { error: 'full', code: 'queue_full', request_id: 'r-9' }

test('pictures go one by one, two at a time, and become results', async () => {
  const session = new Session()
  session.add(files('a.jpg', 'b.jpg', 'c.jpg'))
  await eventually(() => expect(kinds(session)).toEqual(['uploading', 'uploading', 'queued']))
  const [a] = FakeXhr.sent
  expect(a?.path).toBe('/predict')
  a?.uploaded()
  expect(kinds(session)[0]).toBe('waiting')
  a?.answer(200, samplePicture())
  await sent(3)
  expect(kinds(session)).toEqual(['judged', 'uploading', 'uploading'])
  expect(session.state.queue.entries[0]?.sha256).toMatch(/^[0-9a-f]{64}$/)
})

test('what is no picture is refused before a byte is sent', async () => {
  const session = new Session()
  session.add([new File(['hello'], 'a.jpg')])
  await eventually(() => expect(kinds(session)).toEqual(['refused']))
  expect(FakeXhr.sent).toHaveLength(0)
})

test('a busy server is waited for as long as it says, then tried again by itself', async () => {
  const session = new Session()
  session.add(files('a.jpg', 'b.jpg', 'c.jpg'))
  await eventually(() => expect(kinds(session)).toEqual(['uploading', 'uploading', 'queued']))
  vi.useFakeTimers()
  FakeXhr.sent[0]?.answer(429, full, { 'Retry-After': '3' })
  await vi.advanceTimersByTimeAsync(10)
  expect(session.state.hold?.problem.requestId).toBe('r-9')
  expect(kinds(session)).toEqual(['queued', 'uploading', 'queued'])
  await vi.advanceTimersByTimeAsync(2900)
  expect(FakeXhr.sent).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(200)
  expect(session.state.hold).toBeNull()
  expect(FakeXhr.sent).toHaveLength(3)
  expect(kinds(session)[0]).toBe('uploading')
})

test('"Try now" ends the wait', async () => {
  const session = new Session()
  session.add(files('a.jpg'))
  await sent(1)
  FakeXhr.sent[0]?.answer(503, { ...full, code: 'starting' }, { 'Retry-After': '30' })
  await eventually(() => expect(session.state.hold).not.toBeNull())
  session.tryNow()
  await sent(2)
  session.cancelAll()
})

test('other errors stay with their picture, and a retry sends it again', async () => {
  const session = new Session()
  session.add(files('a.jpg'))
  await sent(1)
  FakeXhr.sent[0]?.onerror?.(new Event('error'))
  await eventually(() => expect(kinds(session)).toEqual(['failed']))
  session.retry(ids(session))
  await sent(2)
  FakeXhr.sent[1]?.answer(200, samplePicture())
  await eventually(() => expect(kinds(session)).toEqual(['judged']))
})

test('a cancelled picture is taken off the network', async () => {
  const session = new Session()
  session.add(files('a.jpg', 'b.jpg'))
  await sent(2)
  session.cancel(ids(session).slice(0, 1))
  expect(FakeXhr.sent[0]?.aborted).toBe(true)
  expect(kinds(session)).toEqual(['cancelled', 'uploading'])
})

test('401 stops the queue until there is a key, which then goes with every request', async () => {
  const session = new Session()
  session.add(files('a.jpg'))
  await sent(1)
  FakeXhr.sent[0]?.answer(401, { ...full, code: 'unauthorized' })
  await eventually(() => expect(session.state.needsKey).toBe(true))
  expect(apiKey.wanted()).toBe(true)
  apiKey.dismiss()
  expect(session.state.needsKey).toBe(true)
  apiKey.set('secret')
  await sent(2)
  expect(FakeXhr.sent[1]?.requestHeaders.Authorization).toBe('Bearer secret')
  expect(fetched.mock.calls.at(-1)?.[1]?.headers).toMatchObject({ Authorization: 'Bearer secret' })
})

test('more than four pictures are one job, whose results come as events', async () => {
  const session = new Session()
  const stream = fakeStream()
  fetched.mockImplementation(async (path) => (String(path).endsWith('/events') ? stream.response : new Response('{}')))
  session.add(files('1.jpg', '2.jpg', '3.jpg', '4.jpg', '5.jpg'))
  await sent(1)
  const [post] = FakeXhr.sent
  expect(post?.path).toBe('/v1/jobs')
  expect(post?.files()).toEqual(['1.jpg', '2.jpg', '3.jpg', '4.jpg', '5.jpg'])
  post?.progress(50, 100)
  expect(kinds(session)).toEqual(Array(5).fill('uploading'))
  const bytes = session.state.queue.entries.map(({ stage }) => (stage.kind === 'uploading' ? stage.sent : -1))
  expect(bytes).toEqual([jpegBytes.length, jpegBytes.length, expect.any(Number), 0, 0])
  post?.uploaded()
  post?.answer(202, { id: 'f'.repeat(32), state: 'running', total: 5, done: 0, failed: 0 })
  const result = (index: number, value: unknown) =>
    stream.write(`id: ${index + 1}\nevent: result\ndata: ${JSON.stringify({ index, result: value })}\n\n`)
  result(2, samplePicture())
  result(0, { file: '1.jpg', error: 'cut', code: 'truncated', request_id: 'r' })
  await eventually(() => expect(kinds(session)).toEqual(['failed', 'waiting', 'judged', 'waiting', 'waiting']))
  session.cancel(ids(session).slice(1, 2))
  result(1, samplePicture())
  stream.write('event: end\ndata: {}\n\n')
  await eventually(() => expect(kinds(session)).toEqual(['failed', 'cancelled', 'judged', 'failed', 'failed']))
  const asked = fetched.mock.calls.map(([path, init]) => `${init?.method ?? 'GET'} ${String(path)}`)
  expect(asked).toContain(`DELETE /v1/jobs/${'f'.repeat(32)}`)
})

test('a job is stopped when none of its pictures is wanted any more', async () => {
  const session = new Session()
  const stream = fakeStream()
  fetched.mockImplementation(async (path) => (String(path).endsWith('/events') ? stream.response : new Response('{}')))
  session.add(files('1.jpg', '2.jpg', '3.jpg', '4.jpg', '5.jpg'))
  await sent(1)
  FakeXhr.sent[0]?.answer(202, { id: 'e'.repeat(32), state: 'running', total: 5, done: 0, failed: 0 })
  await eventually(() => expect(fetched).toHaveBeenCalled())
  session.cancel(ids(session).slice(0, 4))
  expect(fetched).toHaveBeenCalledTimes(1)
  session.cancelAll()
  await eventually(() => expect(fetched.mock.calls.at(-1)).toMatchObject([expect.anything(), { method: 'DELETE' }]))
})

test("a list larger than the server's jobs becomes several, one behind the other", async () => {
  const session = new Session()
  session.state = { ...session.state, info: sampleInfo }
  const stream = fakeStream()
  fetched.mockImplementation(async () => stream.response)
  session.add(files('1.jpg', '2.jpg', '3.jpg', '4.jpg', '5.jpg'))
  await sent(1)
  expect(FakeXhr.sent[0]?.files()).toEqual(['1.jpg', '2.jpg', '3.jpg'])
  FakeXhr.sent[0]?.answer(413, full)
  await sent(2)
  expect(FakeXhr.sent[1]?.files()).toEqual(['4.jpg', '5.jpg'])
  expect(kinds(session)).toEqual(['failed', 'failed', 'failed', 'uploading', 'uploading'])
})
