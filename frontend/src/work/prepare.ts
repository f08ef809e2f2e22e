import type { Problem } from '../api/problem'
import { networkProblem } from '../api/problem'
import { checkFile, type Limits } from '../logic/limits'
import { sha256 } from '../logic/sha256'
import { sniff, sniffBytes, type FileFacts } from '../logic/sniff'

export interface Prepared {
  facts: FileFacts | null
  sha256: string | null
  problem: Problem | null
}

/** Looks at a file before it is sent: what it is, whether the server will take it, its hash. */
export async function prepare(file: File, limits: Limits | null): Promise<Prepared> {
  try {
    const facts = sniff(new Uint8Array(await file.slice(0, sniffBytes).arrayBuffer()))
    const problem = checkFile(file.size, facts, limits)
    return { facts, sha256: problem ? null : await sha256(await file.arrayBuffer()), problem }
  } catch {
    return { facts: null, sha256: null, problem: { ...networkProblem(), code: 'page_unreadable' } }
  }
}

const thumbnailPixels = 96

/** A small copy as a blob: URL, so that a long table does not decode hundreds of large pictures; null when undecodable. */
export async function thumbnail(file: File): Promise<string | null> {
  try {
    const bitmap = await createImageBitmap(file)
    const scale = Math.min(1, thumbnailPixels / Math.min(bitmap.width, bitmap.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(bitmap.width * scale))
    canvas.height = Math.max(1, Math.round(bitmap.height * scale))
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    bitmap.close()
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.8))
    return blob && URL.createObjectURL(blob)
  } catch {
    return null
  }
}
