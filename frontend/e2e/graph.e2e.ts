import { readFileSync } from 'node:fs'
import { expect, inject, test } from 'vitest'
import { sample } from './support/places'
import { startServer } from './support/server'
import { inEveryLook } from './support/looks'
import { openTab, shot, tabTo } from './support/tab'

const face = readFileSync(sample('real_0001.jpg'))
const predict = (server: string) => fetch(`${server}/predict`, { method: 'POST', body: face, headers: { 'Content-Type': 'image/jpeg' } })

test('every stage of the running pipeline is drawn and lights up with its numbers', async () => {
  const { page } = await openTab({ path: '/graph', height: 1300 })
  const graph = (await (await fetch(`${inject('server')}/v1/graph`)).json()) as { name: string; nodes: { label: string; enabled: boolean }[] }
  await page.getByRole('heading', { level: 1, name: `Pipeline ${graph.name}` }).waitFor()
  const stages = page.getByRole('group', { name: 'Drawing of the pipeline' }).getByRole('button')
  expect(await stages.count()).toBe(graph.nodes.filter((node) => node.enabled).length)
  await page.getByLabel(/switched off/).check()
  expect(await stages.count()).toBe(graph.nodes.length)

  await page.getByText('Live', { exact: true }).waitFor()
  await Promise.all(Array.from({ length: 4 }, () => predict(inject('server'))))
  await page.locator('button[data-lit=true]', { hasText: 'decode' }).waitFor()
  await page.locator('button[data-lit=true]', { hasText: 'result' }).or(page.locator('button[data-lit=true]', { hasText: 'answer' })).first().waitFor()
  await page.getByRole('button', { name: /^decode/ }).click()
  await shot(page, 'graph-live')
  expect(await page.getByRole('complementary').getByText('max_pixels', { exact: true }).count()).toBe(1)

  await page.getByText('The same as a table').click()
  const rows = page.getByRole('region', { name: 'Stages as a table' }).getByRole('row')
  expect(await rows.count()).toBe(graph.nodes.length + 1)
})

test('the drawing is one tab stop, and arrow keys go along its wires', async () => {
  const { page } = await openTab({ path: '/graph' })
  const stages = page.getByRole('group', { name: 'Drawing of the pipeline' }).getByRole('button')
  await stages.first().waitFor()
  await tabTo(page, stages.first())
  await page.keyboard.press('ArrowDown')
  const heading = page.getByRole('complementary').getByRole('heading', { level: 2 })
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '')
  expect(await focused()).toContain(await heading.textContent())
  expect(await heading.textContent()).toBe('decode')
  await page.keyboard.press('End')
  expect(await focused()).toContain('http-sink')
  await page.keyboard.press('Tab')
  expect(await page.getByRole('group', { name: 'Drawing of the pipeline' }).evaluate((group) => group.contains(document.activeElement))).toBe(false)
})

test('has no axe violations and nothing to scroll sideways', async () => {
  const { page } = await openTab({ path: '/graph' })
  await page.getByText('Live', { exact: true }).waitFor()
  await page.getByRole('group', { name: 'Drawing of the pipeline' }).getByRole('button', { name: /^decode/ }).click()
  await page.getByLabel(/switched off/).check()
  await page.getByText('The same as a table').click()
  await inEveryLook(page, 'graph')
})

test('a lost connection is said, and taken up again', async () => {
  const first = await startServer()
  const { page } = await openTab({ server: first.url, path: '/graph', expected: [503], goesAway: true })
  await page.getByText('Live', { exact: true }).waitFor()
  expect(await first.stop()).toBe(0)
  await page.getByText(/Next try in|Trying/).waitFor()
  await shot(page, 'graph-lost')
  const second = await startServer({ port: new URL(first.url).port })
  const live = page.getByText('Live', { exact: true })
  await page.getByRole('button', { name: 'Try now' }).or(live).first().click()
  await live.waitFor()
  await second.stop()
})
