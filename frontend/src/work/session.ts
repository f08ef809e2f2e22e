import type { Info } from '../api/types'
import { getJson } from '../api/client'
import { apiKey } from '../api/key'
import { RequestFailed, type Problem } from '../api/problem'
import { planJobs, singlesAtMost } from '../logic/limits'
import { isUnderWay, reduce, type Action, type Entry } from '../logic/queue'
import { Preparation } from './preparation'
import { sendJob, sendPicture } from './send'
import { emptyState, type SessionState } from './state'

/** Requests with one picture that run at a time. */
const concurrency = 2
/** How often in a row the page retries by itself what the server was too busy for. */
const automaticTries = 8

/** Everything that outlives a page: the queue, and what is under way. Components read `state` and call the methods. */
export class Session {
  state: SessionState = emptyState
  private listeners = new Set<() => void>()
  private controllers = new Map<number, AbortController>()
  private nextId = 1
  private running = 0
  private jobRunning = false
  private refusals = 0
  private holdTimer: ReturnType<typeof setTimeout> | undefined
  private preparation = new Preparation({
    entries: () => this.entries(),
    limits: () => this.state.info?.limits ?? null,
    dispatch: (action) => this.dispatch(action),
    onRead: () => this.pump(),
  })

  constructor() {
    apiKey.subscribe(() => {
      if (apiKey.get() === '') return
      if (this.state.infoProblem || !this.state.info) void this.loadInfo()
      this.set({ needsKey: false })
      this.pump()
    })
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  snapshot = () => this.state

  async loadInfo() {
    try {
      this.set({ info: await getJson<Info>('/v1/info'), infoProblem: null })
    } catch (error) {
      if (error instanceof RequestFailed) this.set({ infoProblem: error.problem })
    }
  }

  add(files: readonly File[]) {
    if (files.length === 0) return
    const batch = files.length > singlesAtMost ? this.nextId++ : null
    const entries = files.map((file): Entry => ({
      id: this.nextId++,
      file,
      facts: null,
      sha256: null,
      thumbnail: null,
      batch,
      stage: { kind: 'reading' },
    }))
    this.dispatch({ type: 'add', entries })
    void this.preparation.run()
  }

  select(id: number | null) {
    this.dispatch({ type: 'select', id })
  }

  cancel(ids: readonly number[]) {
    this.dispatch({ type: 'cancel', ids })
    // One picture of a job cannot be taken back; the job is stopped when none of its pictures is wanted any more.
    for (const id of ids) {
      const controller = this.controllers.get(id)
      if (!controller) continue
      const others = this.entries().some((entry) => isUnderWay(entry) && this.controllers.get(entry.id) === controller)
      if (!others) controller.abort()
    }
  }

  cancelAll() {
    this.cancel(
      this.entries()
        .filter(isUnderWay)
        .map((entry) => entry.id),
    )
  }

  retry(ids: readonly number[]) {
    this.refusals = 0
    const batch = ids.length > singlesAtMost ? this.nextId++ : null
    this.dispatch({ type: 'queue', ids, batch })
    void this.preparation.run()
    this.tryNow()
  }

  remove(ids: readonly number[]) {
    this.cancel(ids)
    for (const entry of this.entries()) {
      if (ids.includes(entry.id) && entry.thumbnail) URL.revokeObjectURL(entry.thumbnail)
    }
    this.dispatch({ type: 'remove', ids })
  }

  /** Ends a wait early. */
  tryNow = () => {
    clearTimeout(this.holdTimer)
    if (this.state.hold) this.set({ hold: null })
    this.pump()
  }

  private entries = () => this.state.queue.entries

  private set(part: Partial<SessionState>) {
    this.state = { ...this.state, ...part }
    this.listeners.forEach((listener) => listener())
  }

  private dispatch = (action: Action) => {
    const queue = reduce(this.state.queue, action)
    if (queue !== this.state.queue) this.set({ queue })
  }

  /** Starts whatever may start now. */
  private pump() {
    if (this.state.hold || this.state.needsKey) return
    const queued = this.entries().filter((entry) => entry.stage.kind === 'queued')
    for (const entry of queued.filter((each) => each.batch === null)) {
      if (this.running >= concurrency) break
      if (this.controllers.has(entry.id)) continue
      this.running += 1
      void this.start([entry], sendPicture).finally(() => {
        this.running -= 1
        this.pump()
      })
    }
    if (this.jobRunning) return
    const first = queued.find((entry) => entry.batch !== null)
    if (!first) return
    const members = this.entries().filter((entry) => entry.batch === first.batch)
    if (members.some((entry) => entry.stage.kind === 'reading')) return
    const ready = members.filter((entry) => entry.stage.kind === 'queued')
    const plan = planJobs(
      ready.map((entry) => ({ entry, size: entry.file.size })),
      this.state.info?.limits ?? null,
    )
    const job = plan[0]
    if (!job) return
    this.jobRunning = true
    void this.start(
      job.map(({ entry }) => entry),
      sendJob,
    ).finally(() => {
      this.jobRunning = false
      this.pump()
    })
  }

  private async start(entries: Entry[], send: typeof sendPicture) {
    const controller = new AbortController()
    const ids = entries.map((entry) => entry.id)
    ids.forEach((id) => this.controllers.set(id, controller))
    this.dispatch({ type: 'sent', sent: new Map(ids.map((id) => [id, 0])) })
    try {
      await send(entries, {
        signal: controller.signal,
        dispatch: this.dispatch,
        onStream: (streamLost) => this.set({ streamLost }),
      })
      this.refusals = 0
      if (!this.state.info) void this.loadInfo()
    } catch (error) {
      if (controller.signal.aborted) return
      if (!(error instanceof RequestFailed)) throw error
      this.refused(ids, error.problem)
    } finally {
      ids.forEach((id) => this.controllers.delete(id))
    }
  }

  private refused(ids: readonly number[], problem: Problem) {
    const open = this.entries().filter((entry) => ids.includes(entry.id) && isUnderWay(entry))
    const again = (problem.status === 429 || problem.status === 503) && problem.retryAfter !== null
    if (problem.status === 401) {
      for (const entry of open) this.dispatch({ type: 'queue', ids: [entry.id], batch: entry.batch })
      this.set({ needsKey: true })
    } else if (again && this.refusals < automaticTries) {
      this.refusals += 1
      for (const entry of open) this.dispatch({ type: 'queue', ids: [entry.id], batch: entry.batch })
      const until = Math.max(this.state.hold?.until ?? 0, Date.now() + 1000 * (problem.retryAfter ?? 1))
      this.set({ hold: { until, problem } })
      clearTimeout(this.holdTimer)
      this.holdTimer = setTimeout(this.tryNow, until - Date.now())
    } else {
      this.dispatch({ type: 'failed', ids: open.map((entry) => entry.id), problem })
    }
  }
}
