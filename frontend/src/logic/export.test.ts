import { expect, test } from 'vitest'
import { networkProblem } from '../api/problem'
import { entry, judgedEntry, sampleFace, tinyPng } from '../testing/samples'
import { toCsv, toJson } from './export'

const two = judgedEntry('=evil.jpg', {
  faces: [
    sampleFace(),
    sampleFace({ verdict: 'inconclusive', reasons: ['face_too_small', 'near_threshold'], band: null }),
  ],
})
const failed = entry(
  { kind: 'failed', problem: { ...networkProblem(), code: 'corrupt', requestId: 'r-9', message: 'cut' } },
  'b.jpg',
)

test('CSV has a row a face and one for what has no result, all equally long', () => {
  const lines = toCsv([two, failed]).trimEnd().split('\r\n')
  expect(lines).toHaveLength(4)
  const cells = lines.map((line) => line.split(','))
  expect(new Set(cells.map((row) => row.length)).size).toBe(1)
  const at = (row: number, column: string) => cells[row]?.[cells[0]?.indexOf(column) ?? -1]
  expect(at(1, 'file')).toBe("'=evil.jpg")
  expect(at(1, 'probability')).toBe('0.912')
  expect(at(1, 'heuristic_noise')).toBe('0.4')
  expect(at(1, 'heuristic_eyes')).toBe('')
  expect(at(2, 'reasons')).toBe('face_too_small near_threshold')
  expect(at(2, 'face')).toBe('2')
  expect(at(3, 'error_code')).toBe('corrupt')
  expect(at(3, 'request_id')).toBe('r-9')
  expect(at(3, 'verdict')).toBe('')
})

test('JSON leaves the pictures out unless they are asked for, and then gives the same bytes back', async () => {
  const plain = await toJson([two, failed], false)
  expect(plain).not.toContain(tinyPng)
  const { results } = JSON.parse(plain)
  expect(results[0]).toMatchObject({ file: '=evil.jpg', threshold: 0.5 })
  expect(results[0].faces[0]).not.toHaveProperty('heatmap')
  expect(results[1]).toMatchObject({ file: 'b.jpg', code: 'corrupt', request_id: 'r-9' })
  const full = JSON.parse(await toJson([two], true))
  expect(full.results[0].faces[0].gradcam).toBe(tinyPng)
})
