import { createHash } from 'node:crypto'
import { expect, inject, test } from 'vitest'
import { answerOf, choose, judged, picture, verdictPanel, words } from './support/analyse'
import { drop, face, landscape, sideBySide } from './support/pictures'
import { openTab, shot } from './support/tab'

test('one picture is judged as the server judges it, with all that belongs to the verdict', async () => {
  const { page } = await openTab()
  const file = face()
  await choose(page, file)
  await judged(page, 1)
  const answer = await answerOf(inject('server'), file)
  const panel = verdictPanel(page)
  await panel.getByText(words[answer.faces[0]!.verdict], { exact: true }).waitFor()
  await panel.getByText('Mind the model').waitFor()
  const percent = `${(100 * answer.faces[0]!.probability!).toFixed(1)} %`
  expect(await panel.getByText(percent).count()).toBe(1)

  const sha256 = createHash('sha256').update(file.buffer).digest('hex')
  await page.getByText('The server judged exactly this file.').waitFor()
  expect(await page.locator(`code[title="${sha256}"]`).count()).toBeGreaterThan(0)
  expect(await page.getByRole('heading', { name: 'Six measurements' }).count()).toBe(1)
  expect(await page.getByRole('heading', { name: 'Spectrum' }).count()).toBe(1)
  await shot(page, 'one-face')
})

test('the heat map lies over the face as strongly as one likes, or beside it', async () => {
  const { page } = await openTab()
  await choose(page, face('fake_0004.jpg'))
  await judged(page, 1)
  await page.getByRole('radio', { name: 'Overlay' }).check()
  const map = page.getByAltText('Heat map of the selected face')
  await map.waitFor()
  const slider = page.getByRole('slider')
  await slider.fill('80')
  expect(await map.evaluate((element) => getComputedStyle(element).opacity)).toBe('0.8')
  // The map belongs to a part of the picture, and is drawn on that part.
  const [mapBox, frame] = await Promise.all([map.boundingBox(), picture(page).locator('xpath=..').boundingBox()])
  expect(mapBox!.width).toBeLessThan(frame!.width)
  await shot(page, 'overlay')
  await page.getByRole('radio', { name: 'Side by side' }).check()
  await shot(page, 'side-by-side')
})

test('several faces of one picture have numbers, and each its own result', async () => {
  const { page } = await openTab()
  const file = await sideBySide(page, ['real_0001.jpg', 'fake_0002.jpg', 'real_0003.jpg'])
  const answer = await answerOf(inject('server'), file)
  expect(answer.faces.length).toBe(3)
  await choose(page, file)
  await judged(page, 1)
  const boxes = picture(page).getByRole('button')
  expect(await boxes.allTextContents()).toEqual(['1', '2', '3'])
  for (const [index, each] of answer.faces.entries()) {
    await boxes.nth(index).click()
    expect(await boxes.nth(index).getAttribute('aria-pressed')).toBe('true')
    await verdictPanel(page).getByText(`Face ${index + 1} of 3`).waitFor()
    expect(await verdictPanel(page).getByText(words[each.verdict], { exact: true }).count()).toBe(1)
  }
  await shot(page, 'three-faces')
})

test('a picture without a face is a result: inconclusive, with its reason', async () => {
  const { page } = await openTab()
  await choose(page, await landscape(page))
  await judged(page, 1)
  await verdictPanel(page).getByRole('heading', { name: 'Whole picture' }).waitFor()
  await verdictPanel(page).getByText('Inconclusive', { exact: true }).waitFor()
  await verdictPanel(page).getByText(/No face was found/).waitFor()
  expect(await picture(page).getByRole('button').count()).toBe(0)
  await shot(page, 'no-face')
})

test('a picture can be dropped on the page and pasted into it', async () => {
  const { page } = await openTab()
  await drop(page, 'real_0005.jpg')
  await drop(page, 'real_0007.jpg', 0, 'paste')
  await page.getByRole('row', { name: /real_0007/ }).waitFor()
  await judged(page, 2)
})

test('the pages have addresses, and going back goes back', async () => {
  const { page } = await openTab({ path: '/method' })
  await page.getByRole('heading', { level: 1 }).waitFor()
  expect(await page.title()).toContain('Method')
  await page.getByRole('link', { name: 'Pipeline' }).click()
  await page.getByRole('heading', { level: 1, name: /Pipeline/ }).waitFor()
  await page.goBack()
  await page.getByRole('link', { name: 'Method', exact: true, includeHidden: false }).first().waitFor()
  expect(new URL(page.url()).pathname).toBe('/method')
})
