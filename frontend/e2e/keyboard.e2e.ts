import { expect, test } from 'vitest'
import { choose, judged, picture, verdictPanel } from './support/analyse'
import { face, sideBySide } from './support/pictures'
import { openTab, tabTo } from './support/tab'

test('everything from choosing a picture to its last face goes without a pointer', async () => {
  const { page } = await openTab()
  const group = await sideBySide(page, ['real_0001.jpg', 'fake_0002.jpg'])
  const chooser = page.waitForEvent('filechooser')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content')
  await page.keyboard.press('Enter')
  await tabTo(page, page.getByRole('button', { name: 'Choose pictures' }).first())
  await page.keyboard.press('Enter')
  await (await chooser).setFiles(group)
  await judged(page, 1)

  await tabTo(page, page.getByRole('radio', { name: 'Picture' }))
  await page.keyboard.press('ArrowRight')
  await page.getByAltText('Heat map of the selected face').waitFor()
  const boxes = picture(page).getByRole('button')
  await tabTo(page, boxes.first())
  await page.keyboard.press('ArrowRight')
  await verdictPanel(page).getByText('Face 2 of 2').waitFor()
  expect(await boxes.nth(1).evaluate((element) => element === document.activeElement)).toBe(true)
  await page.keyboard.press('Home')
  await verdictPanel(page).getByText('Face 1 of 2').waitFor()
})

test('whatever has the focus shows it', async () => {
  const { page } = await openTab()
  await choose(page, [face('real_0001.jpg'), face('fake_0002.jpg')])
  await judged(page, 2)
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  const seen = new Set<string>()
  for (let presses = 0; presses < 60; ++presses) {
    await page.keyboard.press('Tab')
    const focus = await page.evaluate(() => {
      const element = document.activeElement
      if (!element || element === document.body) return null
      // A hidden input shows its focus on what stands for it.
      const shown = [element, element.nextElementSibling, element.parentElement].map((each) => each && getComputedStyle(each))
      const name = `${element.tagName} ${element.textContent?.slice(0, 30)} ${element.getAttribute('aria-label') ?? ''}`
      return { name, visible: shown.some((style) => style && ((style.outlineStyle !== 'none' && style.outlineWidth !== '0px') || style.boxShadow !== 'none')) }
    })
    if (!focus) break
    if (seen.has(focus.name)) continue
    seen.add(focus.name)
    expect(focus.visible, focus.name).toBe(true)
  }
  expect(seen.size).toBeGreaterThan(12)
})
