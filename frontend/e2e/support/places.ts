import { accessSync, constants } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../../..')
export const build = process.env.DFPIPE_BUILD ?? join(root, 'build/release')
/** Screenshots of every view, to be looked at. */
export const shots = join(build, 'page-shots')
export const sample = (name: string) => join(root, 'pipelines/samples', name)

export function chromiumPath(): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'chromium')
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // the next one
    }
  }
  throw new Error('there is no chromium on PATH')
}
