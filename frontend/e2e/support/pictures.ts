import { readdirSync, readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { sample } from './places'

export interface Upload {
  name: string
  mimeType: string
  buffer: Buffer
}

const jpeg = (name: string, buffer: Buffer): Upload => ({ name, mimeType: 'image/jpeg', buffer })

export const face = (name = 'real_0001.jpg') => jpeg(name, readFileSync(sample(name)))
export const sampleNames = () => readdirSync(sample('')).filter((name) => name.endsWith('.jpg')).sort()

/** The first bytes of a picture, so that its header can be read and its pixels cannot. */
export const cutOff = () => jpeg('cut-off.jpg', face().buffer.subarray(0, 2000))
export const noPicture = (): Upload => jpeg('letter.jpg', Buffer.from('Dear Sir or Madam, this is no picture.'))

/** Drops a picture on the page that has so many bytes behind its end. It is made there: it would take long to send it. */
export const dropLarge = (page: Page, bytes: number) => drop(page, 'large.jpg', bytes)

/** Drops a sample on the page, or pastes it. */
export async function drop(page: Page, name: string, more = 0, kind: 'drop' | 'paste' = 'drop'): Promise<void> {
  const text = face(more > 0 ? undefined : name).buffer.toString('base64')
  await page.evaluate(
    ({ text, name, more, kind }) => {
      const data = new DataTransfer()
      data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), new Uint8Array(more)], name, { type: 'image/jpeg' }))
      document.body.dispatchEvent(
        kind === 'drop'
          ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
          : new ClipboardEvent('paste', { clipboardData: data, bubbles: true }),
      )
    },
    { text, name, more, kind },
  )
}

/** Samples beside each other in one picture. */
export async function sideBySide(page: Page, names: string[]): Promise<Upload> {
  const sources = names.map((name) => face(name).buffer.toString('base64'))
  return painted(page, 'group.jpg', `
    const images = await Promise.all(${JSON.stringify(sources)}.map(async (text) =>
      createImageBitmap(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]))))
    canvas.width = images.reduce((sum, image) => sum + image.width, 0)
    canvas.height = Math.max(...images.map((image) => image.height))
    let x = 0
    for (const image of images) { context.drawImage(image, x, 0); x += image.width }`)
}

/** Sky over a field. */
export const landscape = (page: Page) =>
  painted(page, 'landscape.jpg', `
    canvas.width = 480; canvas.height = 320
    const sky = context.createLinearGradient(0, 0, 0, 320)
    sky.addColorStop(0, '#5b8fd0'); sky.addColorStop(0.6, '#dbe7f2'); sky.addColorStop(0.61, '#6a8f3c'); sky.addColorStop(1, '#3c5a22')
    context.fillStyle = sky; context.fillRect(0, 0, 480, 320)`)

async function painted(page: Page, name: string, script: string): Promise<Upload> {
  const text = await page.evaluate<string>(`(async () => {
    const canvas = document.createElement('canvas')
    const context = canvas.getContext('2d')
    ${script}
    return canvas.toDataURL('image/jpeg', 0.95).split(',')[1]
  })()`)
  return jpeg(name, Buffer.from(text, 'base64'))
}
