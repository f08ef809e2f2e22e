import { describe, expect, test } from 'vitest'
import { arrowTarget, corners, place, placeBehind } from './place'

describe('places on a picture', () => {
  test('boxes are percentages of the picture', () => {
    expect(place(corners([20, 10, 100, 50]), 200, 100)).toEqual({
      left: '10%',
      top: '10%',
      width: '50%',
      height: '50%',
    })
  })
  test('a frame around a box shows the picture shifted and enlarged', () => {
    expect(placeBehind([20, 10, 120, 60], 200, 100)).toEqual({
      left: '-20%',
      top: '-20%',
      width: '200%',
      height: '200%',
    })
  })
  test('arrow keys go round', () => {
    expect(arrowTarget('ArrowRight', 2, 3)).toBe(0)
    expect(arrowTarget('ArrowLeft', 0, 3)).toBe(2)
    expect(arrowTarget('End', 0, 3)).toBe(2)
    expect(arrowTarget('Enter', 0, 3)).toBeNull()
    expect(arrowTarget('ArrowRight', -1, 0)).toBeNull()
  })
})
