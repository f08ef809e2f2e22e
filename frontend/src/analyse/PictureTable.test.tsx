import { act } from 'react'
import { expect, test } from 'vitest'
import { networkProblem } from '../api/problem'
import { button, click, render } from '../testing/render'
import { entry, judgedEntry, sampleFace } from '../testing/samples'
import { PictureTable } from './PictureTable'

const entries = [
  judgedEntry('b.jpg', { faces: [sampleFace({ verdict: 'real', band: 'weak', probability: 0.3 })] }),
  judgedEntry('a.jpg', { faces: [sampleFace(), sampleFace({ verdict: 'real' })], face_count: 2 }),
  entry({ kind: 'failed', problem: { ...networkProblem(), code: 'truncated', message: 'cut' } }, 'c.jpg'),
  entry({ kind: 'uploading', sent: 10 }, 'd.jpg'),
]
const names = (page: HTMLElement) =>
  Array.from(page.querySelectorAll('tbody th button'), (each) => /[a-d]\.jpg/.exec(each.textContent ?? '')?.[0])

test('a row tells faces, verdict, probability and state', async () => {
  const page = await render(<PictureTable entries={entries} selected={null} />)
  const rows = Array.from(page.querySelectorAll('tbody tr'), (row) => row.textContent ?? '')
  expect(rows[1]).toMatch(/a\.jpg.*2.*Probably fake.*1 of 2.*91\.2 %.*Judged/)
  expect(rows[2]).toContain('The picture is cut off')
  expect(rows[3]).toMatch(/Uploading \d+ %/)
  expect(page.querySelector('progress')?.value).toBe(10)
})

test('a head sorts up, then down, then as added, and says so', async () => {
  const page = await render(<PictureTable entries={entries} selected={null} />)
  const head = () => page.querySelector('thead th')?.getAttribute('aria-sort')
  expect([names(page), head()]).toEqual([['b.jpg', 'a.jpg', 'c.jpg', 'd.jpg'], 'none'])
  await click(button(page, 'Picture'))
  expect([names(page), head()]).toEqual([['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'], 'ascending'])
  await click(button(page, 'Picture'))
  expect([names(page)[0], head()]).toEqual(['d.jpg', 'descending'])
  await click(button(page, 'Picture'))
  expect([names(page)[0], head()]).toEqual(['b.jpg', 'none'])
})

test('the filter shows what has the verdict, and says when nothing has', async () => {
  const page = await render(<PictureTable entries={entries} selected={null} />)
  const select = page.querySelector('select')
  const choose = (value: string) =>
    act(async () => {
      if (select) select.value = value
      select?.dispatchEvent(new Event('change', { bubbles: true }))
    })
  await choose('fake')
  expect(names(page)).toEqual(['a.jpg'])
  await choose('inconclusive')
  expect(names(page)).toEqual([])
  expect(page.textContent).toContain('No picture matches')
})
