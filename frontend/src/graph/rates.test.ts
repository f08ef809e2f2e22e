import { expect, it } from 'vitest'
import type { NodeStats } from '../api/types'
import { age, duration, glow, rate } from './rates'

it.each([
  [0, '0/s'],
  [0.04, '< 0.1/s'],
  [0.1, '0.1/s'],
  [3.25, '3.3/s'],
  [9.96, '10/s'],
  [1234.5, '1,235/s'],
])('says a rate of %f as %s', (value, words) => expect(rate(value)).toBe(words))

it.each([
  [0, '–'],
  [0.0000042, '4.2 µs'],
  [0.000512, '512 µs'],
  [0.00123, '1.2 ms'],
  [0.0412, '41 ms'],
  [0.9996, '1.00 s'],
  [12.34, '12.3 s'],
  [75.9, '1 min 15 s'],
])('says %f seconds as %s', (value, words) => expect(duration(value)).toBe(words))

it.each([
  [4.9, '4 s'],
  [61, '1 min'],
  [7322, '2 h 2 min'],
  [90061, '1 d 1 h'],
])('says an age of %f seconds as %s', (value, words) => expect(age(value)).toBe(words))

const stats = (rate: number, running = 0): NodeStats => ({
  id: 0, name: 'n', rate, running, queue: 0, p95: 0, calls: 0, items: 0, errors: 0, batch: null,
})

it('lights a node by its rate, and one that only runs a little', () => {
  expect(glow(undefined)).toBe(0)
  expect(glow(stats(0))).toBe(0)
  expect(glow(stats(0, 1))).toBe(0.25)
  expect(glow(stats(1))).toBeCloseTo(1 / 3)
  expect(glow(stats(10))).toBeCloseTo(2 / 3)
  expect(glow(stats(5000))).toBe(1)
})
