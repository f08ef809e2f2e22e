import { expect, test } from 'vitest'
import { networkProblem } from '../api/problem'
import { problemWords } from './words'

test('problems have words: by code, by status, or the sentence they bring', () => {
  expect(problemWords(networkProblem()).again).toBe(true)
  expect(problemWords({ ...networkProblem(), code: 'corrupt', status: 422, message: 'cut' })).toMatchObject({
    again: false,
  })
  expect(problemWords({ ...networkProblem(), code: 'new_code', message: 'A sentence' }).title).toBe('A sentence')
  expect(problemWords({ ...networkProblem(), code: 'page_large', message: 'The file has 3 MB' }).title).toBe(
    'The file has 3 MB',
  )
  expect(problemWords({ ...networkProblem(), code: 'http_599', status: 599 })).toMatchObject({ again: true })
})
