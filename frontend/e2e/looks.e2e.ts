import { expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { choose, judged } from './support/analyse'
import { cutOff, face, landscape, noPicture, sampleNames, sideBySide } from './support/pictures'
import { inEveryLook } from './support/looks'
import { openTab, shot } from './support/tab'

const views: Record<string, (page: Page) => Promise<unknown>> = {
  empty: (page) => page.getByText(/up to \d+ MB/).waitFor(),
  result: async (page) => {
    await choose(page, await sideBySide(page, ['real_0001.jpg', 'fake_0002.jpg']))
    await judged(page, 1)
    await page.getByRole('radio', { name: 'Overlay' }).check()
    await page.getByAltText('Heat map of the selected face').waitFor()
  },
  'no-face': async (page) => {
    await choose(page, await landscape(page))
    await judged(page, 1)
  },
  failed: async (page) => {
    await choose(page, cutOff())
    await page.getByText(/1 not judged/).waitFor()
  },
  batch: async (page) => {
    await choose(page, [...sampleNames().map((name) => face(name)), noPicture()])
    await judged(page, sampleNames().length, sampleNames().length + 1)
  },
  method: async (page) => {
    await page.getByRole('link', { name: 'Method' }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
  },
}

for (const [name, arrange] of Object.entries(views)) {
  test(`${name} has no axe violations and nothing to scroll sideways`, async () => {
    const { page } = await openTab({ expected: [400, 422] })
    await arrange(page)
    await inEveryLook(page, name)
  })
}

test('the colours follow the system, and the button overrules it for good', async () => {
  const { page } = await openTab({ theme: 'dark' })
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  const dark = await ground()
  await page.getByRole('button', { name: /^Colours: system/ }).click()
  await expect.poll(ground).not.toBe(dark)
  const light = await ground()
  await page.reload()
  expect(await ground()).toBe(light)
})

test('a printed result is one page', async () => {
  const { page } = await openTab()
  await choose(page, await sideBySide(page, ['real_0001.jpg', 'fake_0002.jpg', 'real_0003.jpg']))
  await judged(page, 1)
  const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
  expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(1)
  await page.setViewportSize({ width: 794, height: 1123 })
  await page.emulateMedia({ media: 'print' })
  await shot(page, 'print')
  const text = await page.locator('body').innerText()
  expect(text).toContain('report on one picture')
  expect(text).toMatch(/[0-9a-f]{64}/)
})
