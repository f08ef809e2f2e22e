import { expect, test } from 'vitest'
import { networkProblem } from '../api/problem'
import { entry, judgedEntry, sampleFace } from '../testing/samples'
import { filterRows, sortRows, stateWords, toRow, type SortKey } from './table'

const real = judgedEntry('img10.jpg', { faces: [sampleFace({ verdict: 'real', probability: 0.1 })], face_count: 1 })
const fake = judgedEntry('img9.jpg', { faces: [sampleFace(), sampleFace()], face_count: 2 })
const unsure = judgedEntry('Zoe.png', { faces: [sampleFace({ verdict: 'inconclusive', probability: 0.5 })] })
const failed = entry({ kind: 'failed', problem: networkProblem() }, 'broken.jpg')
const rows = [real, fake, unsure, failed].map(toRow)
const names = (list: typeof rows) => list.map(({ entry: { file } }) => file.name)
const sorted = (key: SortKey, descending: boolean) => names(sortRows(rows, { key, descending }))

test('names sort as people count', () => {
  expect(sorted('name', false)).toEqual(['broken.jpg', 'img9.jpg', 'img10.jpg', 'Zoe.png'])
})

test('verdicts sort from genuine to fake, what has none stands at the end both ways', () => {
  expect(sorted('verdict', false)).toEqual(['img10.jpg', 'Zoe.png', 'img9.jpg', 'broken.jpg'])
  expect(sorted('verdict', true)).toEqual(['img9.jpg', 'Zoe.png', 'img10.jpg', 'broken.jpg'])
  expect(sorted('probability', true)).toEqual(['img9.jpg', 'Zoe.png', 'img10.jpg', 'broken.jpg'])
  expect(sorted('faces', true)[0]).toBe('img9.jpg')
})

test('sorting leaves the rows it was given alone', () => {
  sortRows(rows, { key: 'name', descending: true })
  expect(names(rows)).toEqual(['img10.jpg', 'img9.jpg', 'Zoe.png', 'broken.jpg'])
})

test('filters by text in name, state and verdict, and by verdict', () => {
  expect(names(filterRows(rows, 'IMG', 'all'))).toEqual(['img10.jpg', 'img9.jpg'])
  expect(names(filterRows(rows, 'probably fake', 'all'))).toEqual(['img9.jpg'])
  expect(names(filterRows(rows, 'connection', 'all'))).toEqual(['broken.jpg'])
  expect(names(filterRows(rows, '', 'inconclusive'))).toEqual(['Zoe.png'])
  expect(names(filterRows(rows, '', 'problem'))).toEqual(['broken.jpg'])
  expect(filterRows(rows, 'img', 'problem')).toEqual([])
})

test('states are words, with bytes that were really sent', () => {
  expect(stateWords({ kind: 'uploading', sent: 50 }, 200)).toBe('Uploading 25 %')
  expect(stateWords({ kind: 'uploading', sent: 0 }, 0)).toBe('Uploading 0 %')
  expect(stateWords({ kind: 'waiting' }, 1)).toBe('Waiting for the server')
})
