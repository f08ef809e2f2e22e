import type { Face, Picture } from '../api/types'

/**
 * A judged picture as the page keeps it. The server's base64 pictures become Blobs at once: the browser holds those
 * outside the JavaScript heap, and they are drawn only while their picture is selected.
 */
export interface JudgedFace extends Omit<Face, 'gradcam' | 'spectrum'> {
  heatmap: Blob | null
  spectrum: Blob | null
}

export interface JudgedPicture extends Omit<Picture, 'faces'> {
  faces: JudgedFace[]
}

export function judged(picture: Picture): JudgedPicture {
  return {
    ...picture,
    faces: picture.faces.map(({ gradcam, spectrum, ...face }) => ({
      ...face,
      heatmap: pngBlob(gradcam),
      spectrum: pngBlob(spectrum),
    })),
  }
}

/** Null for what is no base64: a missing heat map must not hide the verdict. */
export function pngBlob(base64: string | null): Blob | null {
  if (!base64) return null
  try {
    const text = atob(base64)
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0))
    return new Blob([bytes], { type: 'image/png' })
  } catch {
    return null
  }
}
