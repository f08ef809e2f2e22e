import { beforeEach, expect, test, vi } from 'vitest'
import { fakeStream } from '../testing/fakes'
import { followEvents } from './events'
import { RequestFailed } from './problem'

const fetched = vi.fn<typeof fetch>()
const waited = vi.fn((_milliseconds: number) => Promise.resolve())
beforeEach(() => {
  fetched.mockReset()
  waited.mockClear()
  vi.stubGlobal('fetch', fetched)
})

const headersOf = (call: number) => fetched.mock.calls[call]?.[1]?.headers as Record<string, string>
const signal = () => new AbortController().signal

test('gives the events up to the one that ends the stream', async () => {
  const stream = fakeStream()
  fetched.mockResolvedValueOnce(stream.response)
  stream.write('id: 1\nevent: result\ndata: a\n\nevent: end\ndata: {}\n\ndata: too late\n\n')
  const seen: string[] = []
  await followEvents('/x', {
    signal: signal(),
    onEvent: (event) => {
      seen.push(event.data)
      return event.event === 'end'
    },
  })
  expect(seen).toEqual(['a', '{}'])
  expect(headersOf(0)).not.toHaveProperty('Last-Event-ID')
})

test('a lost connection goes on behind the last event', async () => {
  const [first, second] = [fakeStream(), fakeStream()]
  fetched.mockResolvedValueOnce(first.response).mockResolvedValueOnce(second.response)
  first.write('id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: half')
  first.end()
  second.write('id: 3\ndata: c\n\n')
  const seen: string[] = []
  const states: string[] = []
  await followEvents('/x', {
    signal: signal(),
    wait: waited,
    onState: ({ kind }) => states.push(kind),
    onEvent: (event) => {
      seen.push(event.data)
      return event.data === 'c'
    },
  })
  expect(seen).toEqual(['a', 'b', 'c'])
  expect(headersOf(1)['Last-Event-ID']).toBe('2')
  expect(states).toEqual(['open', 'lost', 'open'])
})

test("waits as long as the server's retry field or Retry-After says", async () => {
  const first = fakeStream()
  fetched.mockResolvedValueOnce(first.response)
  fetched.mockResolvedValueOnce(new Response('{}', { status: 503, headers: { 'Retry-After': '7' } }))
  const last = fakeStream()
  fetched.mockResolvedValueOnce(last.response)
  first.write('retry: 2500\ndata: a\n\n')
  first.end()
  last.write('data: z\n\n')
  await followEvents('/x', { signal: signal(), wait: waited, onEvent: (event) => event.data === 'z' })
  expect(waited.mock.calls.map(([milliseconds]) => milliseconds)).toEqual([2500, 7000])
})

test('what a later try cannot mend is final', async () => {
  fetched.mockResolvedValue(new Response('{"code":"job_not_found"}', { status: 404 }))
  await expect(followEvents('/x', { signal: signal(), wait: waited, onEvent: () => false })).rejects.toMatchObject({
    problem: { code: 'job_not_found' },
  })
  expect(fetched).toHaveBeenCalledTimes(1)
})

test('gives up after so many tries without one event', async () => {
  fetched.mockRejectedValue(new TypeError('refused'))
  const follow = followEvents('/x', { signal: signal(), tries: 3, wait: waited, onEvent: () => false })
  await expect(follow).rejects.toBeInstanceOf(RequestFailed)
  expect(fetched).toHaveBeenCalledTimes(3)
})

test('an abort ends it at once, also while it waits', async () => {
  const controller = new AbortController()
  fetched.mockRejectedValue(new TypeError('refused'))
  const follow = followEvents('/x', { signal: controller.signal, onEvent: () => false })
  setTimeout(() => controller.abort(), 5)
  await expect(follow).rejects.toMatchObject({ name: 'AbortError' })
})
