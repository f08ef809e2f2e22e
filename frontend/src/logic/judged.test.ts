import { describe, expect, test } from 'vitest'
import { samplePicture, tinyPng } from '../testing/samples'
import { judged, pngBlob } from './judged'

describe('base64 pictures', () => {
  test('become blobs, and leave the answer', async () => {
    const picture = judged(samplePicture())
    const blob = picture.faces[0]?.heatmap
    expect(blob?.type).toBe('image/png')
    expect(new Uint8Array((await blob?.arrayBuffer()) ?? [])[1]).toBe('P'.charCodeAt(0))
    expect(JSON.stringify(picture)).not.toContain(tinyPng)
  })
  test('a broken one is missing, no more', () => {
    expect(pngBlob('***')).toBeNull()
    expect(pngBlob(null)).toBeNull()
  })
})
