import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { shot, violations } from './tab'

const looks = [
  { theme: 'light', width: 1280, height: 900 },
  { theme: 'dark', width: 1280, height: 900 },
  { theme: 'dark', width: 360, height: 740 },
  { theme: 'light', width: 320, height: 640 },
] as const

/** The page as it is, in both themes and from wide to narrow: nothing for axe to find, nothing to scroll sideways. */
export async function inEveryLook(page: Page, name: string): Promise<void> {
  for (const { theme, width, height } of looks) {
    await page.emulateMedia({ colorScheme: theme })
    await page.setViewportSize({ width, height })
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
    await shot(page, `${name}-${theme}-${width}`)
    expect(await violations(page), `${theme}, ${width} px`).toEqual([])
    expect(await sideways(page), `${theme}, ${width} px`).toBe(0)
  }
}

/** How far the page can be scrolled sideways, in pixels. */
const sideways = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
