import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { answerOf, choose, judged, verdictPanel } from './support/analyse'
import { cutOff, dropLarge, face, noPicture } from './support/pictures'
import { startServer } from './support/server'
import { openTab, shot } from './support/tab'

test('a broken file is named as such, with the code and the request', async () => {
  const { page } = await openTab({ expected: [400, 422] })
  await choose(page, cutOff())
  await page.getByText('0 of 1 picture judged, 1 not judged').waitFor()
  const trouble = await page.locator('section', { has: page.locator('#pending-title') }).textContent()
  expect(trouble).toContain('The picture is cut off')
  expect(trouble).toMatch(/Code \w+, HTTP 4\d\d/)
  expect(trouble).toMatch(/Request\s+[0-9a-f]{32}/)
  await shot(page, 'broken-file')
})

test('what cannot be taken is refused before a byte of it is sent', async () => {
  const { page } = await openTab()
  const sent: string[] = []
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()))
  const info = (await (await fetch(`${inject('server')}/v1/info`)).json()) as { limits: { upload_bytes: number } }
  await page.getByText(/up to \d+ MB/).waitFor()
  await choose(page, noPicture())
  await dropLarge(page, info.limits.upload_bytes)
  await page.getByText('0 of 2 pictures judged, 2 not judged').waitFor()
  const states = await page.getByRole('region', { name: 'Pictures' }).locator('td:nth-child(5)').allTextContents()
  expect(states[0]).toContain('This is not a JPEG, PNG or WebP picture')
  expect(states[1]).toContain('the server takes 20 MB')
  expect(sent).toEqual([])
  await shot(page, 'refused')
})

test('a busy server is waited for, visibly, and asked again', async () => {
  const server = await startServer({ 'run.credits': 2, 'server.queue': 1, min_face: 400 })
  try {
    const { page } = await openTab({ server: server.url, expected: [429] })
    await page.getByText(/up to \d+ MB/).waitFor()
    // More than the pipeline and its queue can hold, until the page has been sent away once.
    let busy = true
    const load = Array.from({ length: 8 }, async () => {
      for (; busy; await sleep(100)) await answerOf(server.url, face())
    })
    await choose(page, ['fake_0002.jpg', 'fake_0004.jpg', 'real_0003.jpg'].map((name) => face(name)))
    await page.getByText('The server is busy').first().waitFor()
    await page.getByText(/Next try in \d+ s/).waitFor()
    await shot(page, 'busy')
    busy = false
    await Promise.all(load)
    await judged(page, 3)
    // The smallest face that this server judges is larger than the one in the picture.
    await verdictPanel(page).getByText(/smaller than 400 pixels/).waitFor()
    await verdictPanel(page).getByText('Inconclusive', { exact: true }).waitFor()
  } finally {
    expect(await server.stop()).toBe(0)
  }
})

test('a server with keys is given one, and the queue goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dfpipe-keys-'))
  const keys = join(folder, 'keys')
  writeFileSync(keys, 'page 0123456789abcdef0123456789abcdef\n', { mode: 0o600 })
  const server = await startServer({ keys })
  try {
    const { page } = await openTab({ server: server.url, expected: [401] })
    const dialog = page.getByRole('dialog', { name: 'API key' })
    const answer = async (key: string) => {
      await dialog.waitFor()
      await dialog.getByLabel('Key', { exact: true }).fill(key)
      await dialog.getByRole('button', { name: 'Use this key' }).click()
    }
    await answer('not the right key, but long')
    await dialog.getByText('The server did not accept the key.').waitFor()
    await shot(page, 'key')
    await answer('0123456789abcdef0123456789abcdef')
    await dialog.waitFor({ state: 'hidden' })
    await choose(page, face())
    await judged(page, 1)
    await page.getByRole('link', { name: 'Pipeline' }).click()
    await page.getByText('Live', { exact: true }).waitFor()
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]))
    expect(kept).not.toContain('0123456789abcdef')
  } finally {
    await server.stop()
    await rm(folder, { recursive: true })
  }
})
