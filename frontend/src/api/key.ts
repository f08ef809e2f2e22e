/** The API key, for as long as the tab lives: in memory, never stored. */
let key = ''
let wanted = false
let rejected = false
const listeners = new Set<() => void>()

const notify = () => listeners.forEach((listener) => listener())

export const apiKey = {
  get: () => key,
  /** True while somebody should be asked for a key. */
  wanted: () => wanted,
  /** True when the last key was given and not accepted. */
  rejected: () => rejected,
  set(value: string) {
    key = value.trim()
    wanted = false
    notify()
  },
  /** A request that used this key came back with 401. An answer to a key that is no longer used says nothing new. */
  refuse(used: string) {
    if (used !== key) return
    rejected = used !== ''
    key = ''
    wanted = true
    notify()
  },
  ask() {
    wanted = true
    notify()
  },
  dismiss() {
    wanted = false
    notify()
  },
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  },
}

export const authHeaders = (): Record<string, string> => (key ? { Authorization: `Bearer ${key}` } : {})
