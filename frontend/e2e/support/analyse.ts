import type { Page } from 'playwright-core'
import type { Upload } from './pictures'

/** What somebody does on the page that analyses. */
export const choose = (page: Page, files: Upload | Upload[]) => page.locator('input[type=file]').first().setInputFiles(files)

/** Waits until so many pictures are judged, and no more are under way. */
export const judged = (page: Page, count: number, of = count) =>
  page.getByText(new RegExp(`^${count} of ${of} pictures? judged`)).waitFor()

export const verdictPanel = (page: Page) => page.locator('section', { has: page.locator('#verdict-title') })
export const picture = (page: Page) => page.getByRole('group', { name: 'Faces in the picture' })

export interface Answer {
  faces: { verdict: 'real' | 'fake' | 'inconclusive'; probability: number | null }[]
}

/** The server's own answer, to compare the page with. */
export async function answerOf(server: string, file: Upload): Promise<Answer> {
  const body = new Blob([Uint8Array.from(file.buffer)])
  return (await (await fetch(`${server}/predict`, { method: 'POST', headers: { 'Content-Type': file.mimeType }, body })).json()) as Answer
}

export const words = { real: 'Probably genuine', fake: 'Probably fake', inconclusive: 'Inconclusive' }
