import { expect, test } from 'vitest'
import { SseParser } from './sse'

const all = (...chunks: string[]) => {
  const parser = new SseParser()
  return chunks.flatMap((chunk) => parser.push(chunk))
}

test('an event is its fields up to the empty line', () => {
  expect(all('event: result\nid: 7\ndata: {"a":1}\n\n')).toEqual([{ event: 'result', id: '7', data: '{"a":1}' }])
})

test('pieces may be cut anywhere, with any of the three line ends', () => {
  for (const end of ['\n', '\r', '\r\n']) {
    const text = ['event: a', 'data: one', 'data: two', '', 'data:three', '', ''].join(end)
    const whole = all(text)
    expect(whole).toEqual([
      { event: 'a', id: '', data: 'one\ntwo' },
      { event: 'message', id: '', data: 'three' },
    ])
    for (let cut = 0; cut <= text.length; cut += 1) expect(all(text.slice(0, cut), text.slice(cut))).toEqual(whole)
    expect(all(...text)).toEqual(whole)
  }
})

test('comments and events without data are no events, but their id counts', () => {
  expect(all(': keep-alive\n\n', 'id: 4\n\n', 'data: x\n\n')).toEqual([{ event: 'message', id: '4', data: 'x' }])
})

test('the byte order mark is no part of the first field, an unfinished event is not given', () => {
  expect(all('\uFEFFdata: x\n\ndata: unfinished\n')).toEqual([{ event: 'message', id: '', data: 'x' }])
})

test('retry is milliseconds, anything else is ignored', () => {
  const parser = new SseParser()
  parser.push('retry: soon\n')
  expect(parser.retry).toBeNull()
  parser.push('retry: 1500\n')
  expect(parser.retry).toBe(1500)
})
