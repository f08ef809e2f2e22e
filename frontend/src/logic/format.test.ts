import { describe, expect, test } from 'vitest'
import { bytes, count, megapixels, milliseconds, percent } from './format'

describe('numbers as words', () => {
  test('bytes and pixels', () => {
    expect([0, 999, 1000, 20_000_000, 999_600].map(bytes)).toEqual(['0 B', '999 B', '1.0 kB', '20 MB', '1.0 MB'])
    expect([1_250_000, 64_000_000].map(megapixels)).toEqual(['1.3 megapixels', '64 megapixels'])
  })
  test('a probability never claims certainty', () => {
    expect([0, 0.0004, 0.5, 0.9996, 1].map(percent)).toEqual(['< 0.1 %', '< 0.1 %', '50.0 %', '> 99.9 %', '> 99.9 %'])
  })
  test('times and counts', () => {
    expect([0.42, 212.4, 12345].map(milliseconds)).toEqual(['0.4 ms', '212 ms', '12.3 s'])
    expect([count(1, 'face'), count(0, 'face')]).toEqual(['1 face', '0 faces'])
  })
})
