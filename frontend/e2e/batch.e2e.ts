import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { choose, judged } from './support/analyse'
import { face, sampleNames } from './support/pictures'
import { openTab, shot } from './support/tab'

const rows = (page: Page) => page.getByRole('region', { name: 'Pictures' }).locator('tbody tr')
const names = async (page: Page) => (await rows(page).locator('th').allTextContents()).map((text) => /\w+\.jpg/.exec(text)?.[0])
const percents = async (page: Page) => (await rows(page).locator('td:nth-child(4)').allTextContents()).filter(Boolean).map(parseFloat)

async function saved(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()])
  return readFileSync(await download.path(), 'utf8')
}

test('many pictures are one job, whose table can be sorted, filtered and saved', async () => {
  const { page } = await openTab()
  const posts: string[] = []
  page.on('request', (request) => request.method() === 'POST' && posts.push(new URL(request.url()).pathname))
  const files = sampleNames()
  expect(files.length).toBeGreaterThanOrEqual(6)
  await choose(page, files.map((name) => face(name)))
  await judged(page, files.length)
  expect(posts).toEqual(['/v1/jobs'])
  expect(await names(page)).toEqual(files)
  await shot(page, 'batch')

  const head = page.getByRole('columnheader', { name: 'Probability of fake' })
  await head.getByRole('button').click()
  expect(await head.getAttribute('aria-sort')).toBe('ascending')
  const ascending = await percents(page)
  expect(ascending).toEqual([...ascending].sort((a, b) => a - b))
  await head.getByRole('button').click()
  expect(await head.getAttribute('aria-sort')).toBe('descending')
  expect(await percents(page)).toEqual([...ascending].reverse())

  await page.getByLabel('Find').fill('fake_')
  expect((await names(page)).sort()).toEqual(files.filter((name) => name.startsWith('fake_')))
  const csv = await saved(page, 'Save CSV')
  const lines = csv.trim().split('\r\n')
  expect(lines[0]).toMatch(/^\uFEFF?"?file"?,/)
  expect(lines.slice(1).every((line) => line.includes('fake_'))).toBe(true)
  expect(lines.length - 1).toBeGreaterThanOrEqual(4)

  await page.getByLabel('Find').fill('')
  await page.getByRole('combobox', { name: 'Verdict' }).selectOption({ label: 'Probably fake' })
  const shown = await rows(page).allTextContents()
  expect(shown.every((text) => text.includes('Probably fake'))).toBe(true)
  const json = JSON.parse(await saved(page, 'Save JSON')) as { results: { faces: { verdict: string; gradcam?: string }[] }[] }
  expect(json.results.length).toBe(shown.length)
  expect(json.results.every((result) => result.faces.some((each) => each.verdict === 'fake'))).toBe(true)
  expect(JSON.stringify(json)).not.toContain('gradcam')

  await page.getByRole('combobox', { name: 'Verdict' }).selectOption('all')
  await rows(page).getByRole('button', { name: /real_0003/ }).first().click()
  await page.getByRole('heading', { level: 2, name: 'real_0003.jpg' }).waitFor()
})

test('what is under way can be cancelled, one picture or all', async () => {
  const { page } = await openTab()
  // Held back, so that there is something to cancel.
  await page.route('**/predict', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 2000))
    await route.continue().catch(() => undefined)
  })
  await choose(page, ['real_0001.jpg', 'real_0003.jpg', 'real_0005.jpg'].map((name) => face(name)))
  await page.getByRole('button', { name: 'Cancel real_0001.jpg' }).click()
  await page.getByText(/1 cancelled/).waitFor()
  await page.getByRole('button', { name: 'Cancel all' }).click()
  await page.getByText('0 of 3 pictures judged, 3 cancelled').waitFor()
  await page.getByRole('button', { name: 'Clear list' }).click()
  await page.getByText('Drop pictures here').waitFor()
})
