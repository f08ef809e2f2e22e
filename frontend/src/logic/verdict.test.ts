import { expect, test } from 'vitest'
import { judgedFace } from '../testing/samples'
import { decidingProbability, mostSuspicious, reasonSentence, summarise } from './verdict'

test('the calibrated probability decides where there is one', () => {
  expect(decidingProbability(judgedFace())).toEqual({ value: 0.912, calibrated: false })
  expect(decidingProbability(judgedFace({ calibrated: 0.6 }))).toEqual({ value: 0.6, calibrated: true })
  expect(decidingProbability(judgedFace({ probability: null }))).toBeNull()
})

test('a picture is as suspicious as its most suspicious face', () => {
  const real = judgedFace({ verdict: 'real', probability: 0.1 })
  const unsure = judgedFace({ verdict: 'inconclusive', probability: 0.95 })
  const fake = judgedFace({ verdict: 'fake', probability: 0.8 })
  expect(summarise([real, unsure, fake, real])).toEqual({ verdict: 'fake', faces: 1, of: 4, probability: 0.95 })
  expect(summarise([real, unsure])).toMatchObject({ verdict: 'inconclusive', faces: 1, of: 2 })
  expect(summarise([real, real])).toMatchObject({ verdict: 'real', faces: 2, of: 2, probability: 0.1 })
})

test("the verdict is the server's, whatever the numbers say", () => {
  expect(summarise([judgedFace({ verdict: 'inconclusive', probability: 0.99 })]).verdict).toBe('inconclusive')
})

test('a whole picture without a face has no probability of its own', () => {
  const whole = judgedFace({ verdict: 'inconclusive', whole_picture: true, reasons: ['no_face'] })
  expect(summarise([whole])).toEqual({ verdict: 'inconclusive', faces: 1, of: 1, probability: null })
})

test('reasons are sentences, with the size that the server asks for', () => {
  expect(reasonSentence('face_too_small', 48)).toContain('smaller than 48 pixels')
  expect(reasonSentence('face_too_small', null)).toContain('too small')
  for (const reason of ['no_face', 'near_threshold', 'untrained', 'no_score'] as const) {
    expect(reasonSentence(reason, 48)).toMatch(/^[A-Z].*\.$/)
  }
})

test('the face to look at first is the most suspicious one', () => {
  const face = (verdict: 'real' | 'fake' | 'inconclusive', probability: number | null) =>
    judgedFace({ verdict, probability })
  expect(mostSuspicious([face('real', 0.2), face('fake', 0.7), face('inconclusive', 0.9), face('fake', 0.8)])).toBe(3)
  expect(mostSuspicious([face('real', 0.2), face('inconclusive', null)])).toBe(1)
  expect(mostSuspicious([face('real', 0.2), face('real', 0.2)])).toBe(0)
  expect(mostSuspicious([])).toBe(0)
})
