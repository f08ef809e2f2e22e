import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium, type Browser, type Locator, type Page } from 'playwright-core'
import { afterAll, expect, inject, onTestFinished } from 'vitest'
import type { AxeResults } from 'axe-core'
import { chromiumPath, shots } from './places'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

// One browser for the tests of a file. Chromium's own sandbox does not work for root, which containers are.
let browser: Promise<Browser> | undefined
const started = () =>
  (browser ??= chromium.launch({ executablePath: chromiumPath(), args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] }))
afterAll(async () => (await browser)?.close())

export interface TabOptions {
  server?: string
  path?: string
  width?: number
  height?: number
  theme?: 'light' | 'dark'
  /** Answers like these are meant to come; the browser prints each to the console. */
  expected?: number[]
  /** The server goes away in this test, which the browser prints as well. */
  goesAway?: boolean
}

/**
 * A fresh tab on the page, closed when the test is finished. Then it is checked what holds for every view: no request left
 * for another origin, and nothing was reported to the console, which is where a forbidden resource or script would be.
 */
export async function openTab(options: TabOptions = {}): Promise<{ page: Page }> {
  const { server = inject('server'), path = '/', width = 1280, height = 900, theme = 'light', expected = [], goesAway = false } = options
  const context = await (await started()).newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: 'reduce' })
  context.setDefaultTimeout(20_000)
  const strangers: string[] = []
  const complaints: string[] = []
  context.on('request', (request) => {
    if (!request.url().startsWith(`${server}/`) && !/^(blob|data):/.test(request.url())) strangers.push(request.url())
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    const status = /the server responded with a status of (\d+)/.exec(message.text())?.[1]
    if (status && expected.includes(Number(status))) return
    if (goesAway && message.text().includes('net::ERR_')) return
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  onTestFinished(async ({ task }) => {
    const failed = task.result?.state === 'fail'
    if (failed) await shot(page, `failed ${task.name.replace(/[^\w ]/g, '')}`)
    await context.close()
    if (failed) return
    expect(strangers, 'requests to other origins').toEqual([])
    expect(complaints, 'messages in the console').toEqual([])
  })
  await page.goto(server + path)
  return { page }
}

/** What axe-core finds wrong with the page as it is now, best practices included. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const results = await page.evaluate<AxeResults>('axe.run(document)')
  return results.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')}: ${node.failureSummary ?? violation.help}`),
  )
}

export const shot = (page: Page, name: string) => page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })

/** Presses a key until the element has the focus, as somebody without a pointer would. */
export async function tabTo(page: Page, target: Locator, key = 'Tab', most = 60): Promise<void> {
  for (let presses = 0; presses < most; ++presses) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press(key)
  }
  throw new Error(`${most} times ${key} did not reach ${target}`)
}
