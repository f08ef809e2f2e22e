import { expect, test } from 'vitest'
import { judgedEntry } from '../testing/samples'
import { traceNotes } from './traces'

test('the notes on a file say what was lost and that it proves nothing', () => {
  const { stage } = judgedEntry('a.jpg', { orientation: 6 })
  if (stage.kind !== 'judged') throw new Error('not judged')
  const facts = { format: 'jpeg', width: 1, height: 1, exif: false } as const
  expect(traceNotes(facts, stage.picture).join(' ')).toMatch(/no EXIF.*proves nothing.*orientation \(6\).*screenshot/)
  expect(traceNotes({ ...facts, exif: true }, stage.picture)[0]).toContain('has EXIF')
  expect(traceNotes(null, stage.picture).join(' ')).not.toContain('has EXIF')
})
