import type { Limits } from '../logic/limits'
import type { Action, Entry } from '../logic/queue'
import { prepare, thumbnail } from './prepare'

export interface PreparationHost {
  entries: () => readonly Entry[]
  limits: () => Limits | null
  dispatch: (action: Action) => void
  /** A file was read, checked and hashed. */
  onRead: () => void
}

/** Reads the files of a queue before they are sent. */
export class Preparation {
  private readonly host: PreparationHost
  private running = false
  /** Entries that a small copy was tried of. */
  private pictured = new Set<number>()

  constructor(host: PreparationHost) {
    this.host = host
  }

  /**
   * One file after the other, so that a hundred large files are never in memory at once. Small copies come last: nothing
   * waits for them.
   */
  async run(): Promise<void> {
    if (this.running) return
    this.running = true
    for (;;) {
      const next = this.host.entries().find((entry) => entry.stage.kind === 'reading')
      if (next) {
        const found = await prepare(next.file, this.host.limits())
        this.host.dispatch({ type: 'read', id: next.id, ...found })
        this.host.onRead()
        continue
      }
      const bare = this.host.entries().find((entry) => entry.facts !== null && !this.pictured.has(entry.id))
      if (!bare) break
      await this.picture(bare)
    }
    this.running = false
  }

  private async picture({ id, file }: Entry) {
    this.pictured.add(id)
    const url = await thumbnail(file)
    if (!url) return
    if (this.host.entries().some((entry) => entry.id === id)) this.host.dispatch({ type: 'thumbnail', id, url })
    else URL.revokeObjectURL(url)
  }
}
