import { describe, expect, test } from 'vitest'
import { problemOf, retryAfterSeconds } from './problem'

describe('problems', () => {
  const none = () => null
  test("come from the server's JSON", () => {
    expect(
      problemOf(429, '{"error":"full","code":"queue_full","request_id":"r"}', (name) =>
        name === 'Retry-After' ? '7' : null,
      ),
    ).toEqual({ code: 'queue_full', message: 'full', status: 429, requestId: 'r', retryAfter: 7 })
  })
  test("or from anything else that stands between, with the header's request id", () => {
    for (const body of ['<html>', '', 'null', '[]', '{"code":5}']) {
      expect(problemOf(502, body, (name) => (name === 'X-Request-Id' ? 'h' : null))).toMatchObject({
        code: 'http_502',
        requestId: 'h',
      })
    }
    expect(problemOf(500, '{}', none).retryAfter).toBeNull()
  })
  test('Retry-After as seconds and as a date', () => {
    expect(retryAfterSeconds('0')).toBe(1)
    expect(retryAfterSeconds('Wed, 21 Oct 2015 07:28:10 GMT', Date.UTC(2015, 9, 21, 7, 28, 0))).toBe(10)
    expect(retryAfterSeconds('soon')).toBeNull()
  })
})
