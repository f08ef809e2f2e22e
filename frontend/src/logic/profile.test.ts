import { describe, expect, test } from 'vitest'
import { profileChart } from './profile'

describe('the radial profile', () => {
  test('runs from edge to edge, the highest value below the top', () => {
    const chart = profileChart([4, 2, 0], 100, 50)
    expect(chart?.path).toBe('M0.00 0.00L50.00 25.00L100.00 50.00')
    expect(chart?.ticks.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4])
  })
  test('flat, short and broken profiles', () => {
    expect(profileChart([0, 0], 10, 10)?.path).toBe('M0.00 10.00L10.00 10.00')
    expect(profileChart([1], 10, 10)).toBeNull()
    expect(profileChart([1, NaN], 10, 10)).toBeNull()
  })
})
