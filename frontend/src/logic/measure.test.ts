import { describe, expect, test } from 'vitest'
import { judgedFace } from '../testing/samples'
import { readMeasure } from './measure'

describe('measures', () => {
  const [symmetry, lighting] = judgedFace().heuristics.measures
  test('what is hardly valid is to be ignored, with the reason', () => {
    expect(lighting && readMeasure(lighting, 'noise')).toEqual({
      name: 'Lighting',
      text: 'One light explains 53 %',
      ignore: 'hardly valid here: the light is flat',
      worst: false,
    })
  })
  test('a valid one, the worst one, an unmeasured one', () => {
    expect(symmetry && readMeasure(symmetry, 'symmetry')).toMatchObject({ ignore: null, worst: true })
    expect(readMeasure({ name: 'eyes', value: null, score: null, validity: 0, note: 'no eyes' }, null)).toMatchObject({
      text: 'Not measured: no eyes',
      ignore: null,
    })
    expect(readMeasure({ name: 'eyes', value: 1, score: 1, validity: 0.5, note: 'x' }, null).ignore).not.toBeNull()
  })
})
