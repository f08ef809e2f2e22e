import { expect, test } from 'vitest'
import { sampleInfo } from '../testing/samples'
import { checkFile, planJobs, shareProgress } from './limits'

const limits = { ...sampleInfo.limits, upload_bytes: 2024 }
const facts = { format: 'jpeg', width: 100, height: 100, exif: false } as const

test('what the server takes passes, with what a request adds to a file', () => {
  expect(checkFile(1000, facts, limits)).toBeNull()
})

test('each limit is told with both numbers', () => {
  expect(checkFile(0, facts, limits)?.code).toBe('page_empty')
  expect(checkFile(10, null, limits)?.code).toBe('page_type')
  expect(checkFile(3000, facts, limits)?.message).toBe('The file has 3.0 kB; the server takes 2.0 kB.')
  expect(checkFile(1001, facts, limits)?.code).toBe('page_large')
  expect(checkFile(1, { ...facts, width: 101 }, limits)?.message).toContain('101 × 100')
})

test('without limits only what never passes is refused', () => {
  expect(checkFile(1e9, facts, null)).toBeNull()
  expect(checkFile(5, null, null)?.code).toBe('page_type')
})

test('jobs keep the number and the bytes of a job, in order', () => {
  const files = [1, 2, 3, 4].map((size) => ({ size }))
  expect(planJobs(files, limits).map((job) => job.map(({ size }) => size))).toEqual([[1, 2, 3], [4]])
  // 3000 + 1000 of overhead-and-file each: two of them would pass 5000 bytes
  const large = [3000, 900, 3000].map((size) => ({ size }))
  expect(planJobs(large, limits).map((job) => job.map(({ size }) => size))).toEqual([[3000], [900], [3000]])
  expect(planJobs([], limits)).toEqual([])
})

test('bytes of a request belong to its files one behind the other, without the overhead', () => {
  expect(shareProgress([100, 300], 0, 420)).toEqual([0, 0])
  expect(shareProgress([100, 300], 210, 420)).toEqual([100, 100])
  expect(shareProgress([100, 300], 420, 420)).toEqual([100, 300])
  expect(shareProgress([5], 5, 0)).toEqual([0])
})
