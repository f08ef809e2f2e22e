import type { Info } from '../api/types'
import { networkProblem, type Problem } from '../api/problem'
import { bytes, megapixels } from './format'
import type { FileFacts } from './sniff'

export type Limits = Info['limits']

/** What a part costs in a multipart body beside its file, generously. */
const partBytes = 1024

const refuse = (code: string, message: string): Problem => ({ ...networkProblem(), code, message })

/**
 * What the page can tell about a file before it is sent; null when nothing speaks against it. Without limits, while the
 * server has not told them, only what never passes is refused.
 */
export function checkFile(size: number, facts: FileFacts | null, limits: Limits | null): Problem | null {
  if (size === 0) return refuse('page_empty', 'The file is empty.')
  if (!facts)
    return refuse('page_type', 'This is not a JPEG, PNG or WebP picture. Its first bytes decide, not its name.')
  if (!limits) return null
  if (size + partBytes > limits.upload_bytes) {
    const most = bytes(limits.upload_bytes)
    // Just above the limit both would read the same.
    const has = bytes(size) === most ? `a little more than ${most}` : bytes(size)
    return refuse('page_large', `The file has ${has}; the server takes ${most}.`)
  }
  const pixels = facts.width * facts.height
  if (pixels > limits.pixels) {
    return refuse(
      'page_pixels',
      `The picture has ${facts.width} × ${facts.height}, ${megapixels(pixels)}; the server takes ${megapixels(limits.pixels)}.`,
    )
  }
  return null
}

/** Pictures handed in at once beyond this number go into one job instead of one request each. */
export const singlesAtMost = 4

/** Cuts pictures into jobs that keep the server's limits, in order. */
export function planJobs<T extends { size: number }>(pictures: readonly T[], limits: Limits | null): T[][] {
  const most = limits?.job_files ?? 100
  const mostBytes = limits?.job_bytes ?? Infinity
  const jobs: T[][] = []
  let sum = Infinity
  for (const picture of pictures) {
    const cost = picture.size + partBytes
    const last = jobs.at(-1)
    if (last && last.length < most && sum + cost <= mostBytes) {
      last.push(picture)
      sum += cost
    } else {
      jobs.push([picture])
      sum = cost
    }
  }
  return jobs
}

/** How much of each file is on its way when `sent` of a request's bytes are: files travel one behind the other. */
export function shareProgress(sizes: readonly number[], sent: number, total: number): number[] {
  const sum = sizes.reduce((a, b) => a + b, 0)
  let left = total > 0 ? (sent / total) * sum : 0
  return sizes.map((size) => {
    const part = Math.min(size, Math.max(0, left))
    left -= size
    return Math.round(part)
  })
}
