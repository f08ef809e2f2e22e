import { describe, expect, test } from 'vitest'
import { networkProblem } from '../api/problem'
import { entry, samplePicture } from '../testing/samples'
import { judged } from './judged'
import { emptyQueue, reduce, tally, type Action, type Entry, type Queue } from './queue'

const queueOf = (...entries: Entry[]): Queue => reduce(emptyQueue, { type: 'add', entries })
const kinds = (queue: Queue) => queue.entries.map(({ stage }) => stage.kind)
const picture = judged(samplePicture())
const problem = networkProblem()

test('the way of a picture', () => {
  const one = entry({ kind: 'reading' })
  const steps: Action[] = [
    { type: 'read', id: one.id, facts: null, sha256: 'ab', problem: null },
    { type: 'sent', sent: new Map([[one.id, 0]]) },
    { type: 'sent', sent: new Map([[one.id, 5]]) },
    { type: 'waiting', ids: [one.id] },
    { type: 'judged', id: one.id, picture },
  ]
  let queue = queueOf(one)
  const seen = steps.map((step) => {
    queue = reduce(queue, step)
    return kinds(queue)[0]
  })
  expect(seen).toEqual(['queued', 'uploading', 'uploading', 'waiting', 'judged'])
  expect(queue.entries[0]?.sha256).toBe('ab')
})

test('the first picture added is selected, later ones do not take the selection', () => {
  const [a, b] = [entry({ kind: 'reading' }), entry({ kind: 'reading' })]
  const queue = reduce(queueOf(a), { type: 'add', entries: [b] })
  expect(queue.selected).toBe(a.id)
})

test('late progress does not take a picture back', () => {
  const one = entry({ kind: 'waiting' })
  expect(kinds(reduce(queueOf(one), { type: 'sent', sent: new Map([[one.id, 9]]) }))).toEqual(['waiting'])
})

describe('a cancelled picture', () => {
  const one = entry({ kind: 'waiting' })
  const queue = reduce(queueOf(one), { type: 'cancel', ids: [one.id] })
  test('stays cancelled whatever comes back', () => {
    const late: Action[] = [
      { type: 'judged', id: one.id, picture },
      { type: 'failed', ids: [one.id], problem },
      { type: 'waiting', ids: [one.id] },
      { type: 'sent', sent: new Map([[one.id, 1]]) },
      { type: 'read', id: one.id, facts: null, sha256: null, problem: null },
    ]
    for (const action of late) expect(kinds(reduce(queue, action))).toEqual(['cancelled'])
  })
  test('can be queued again, and is read first where it never was', () => {
    expect(kinds(reduce(queue, { type: 'queue', ids: [one.id], batch: null }))).toEqual(['reading'])
    const facts = { format: 'jpeg', width: 1, height: 1, exif: false } as const
    const read = reduce(queueOf(entry({ kind: 'waiting' }, 'b.jpg', { facts })), { type: 'select', id: null })
    const ids = read.entries.map(({ id }) => id)
    const again = reduce(reduce(read, { type: 'cancel', ids }), { type: 'queue', ids, batch: null })
    expect(kinds(again)).toEqual(['queued'])
  })
})

test('what is judged or refused cannot be cancelled, failed or queued', () => {
  const done = entry({ kind: 'judged', picture })
  const refused = entry({ kind: 'refused', problem })
  const ids = [done.id, refused.id]
  const queue = queueOf(done, refused)
  for (const action of [
    { type: 'cancel', ids },
    { type: 'failed', ids, problem },
    { type: 'queue', ids, batch: 1 },
  ] as Action[]) {
    expect(kinds(reduce(queue, action))).toEqual(['judged', 'refused'])
  }
})

test('an action that changes nothing gives the same queue, so nothing is drawn again', () => {
  const one = entry({ kind: 'uploading', sent: 5 })
  const queue = queueOf(one)
  expect(reduce(queue, { type: 'sent', sent: new Map([[one.id, 5]]) })).toBe(queue)
  expect(reduce(queue, { type: 'waiting', ids: [999999] })).toBe(queue)
})

test('removing the selected picture selects the one that took its place', () => {
  const [a, b, c] = [entry({ kind: 'queued' }), entry({ kind: 'queued' }), entry({ kind: 'queued' })]
  const queue = reduce(queueOf(a, b, c), { type: 'select', id: b.id })
  expect(reduce(queue, { type: 'remove', ids: [b.id] }).selected).toBe(c.id)
  expect(reduce(queue, { type: 'remove', ids: [b.id, c.id] }).selected).toBe(a.id)
  expect(reduce(queue, { type: 'remove', ids: [a.id] }).selected).toBe(b.id)
  expect(reduce(queue, { type: 'remove', ids: [a.id, b.id, c.id] }).selected).toBeNull()
})

test('the tally counts every picture once', () => {
  const entries = [
    entry({ kind: 'judged', picture }),
    entry({ kind: 'failed', problem }),
    entry({ kind: 'refused', problem }),
    entry({ kind: 'cancelled' }),
    entry({ kind: 'reading' }),
    entry({ kind: 'waiting' }),
  ]
  expect(tally(entries)).toEqual({ all: 6, judged: 1, failed: 2, cancelled: 1, underWay: 2 })
})
