/** The API key, for as long as the tab lives: in memory, never stored. */
let key = ''
let asked = false
const listeners = new Set<() => void>()

const notify = () => listeners.forEach((listener) => listener())

export const apiKey = {
  get: () => key,
  /** True while the server wants a key that nobody has given yet. */
  wanted: () => asked,
  set(value: string) {
    key = value.trim()
    asked = false
    notify()
  },
  /** A request came back with 401. */
  ask() {
    asked = true
    notify()
  },
  dismiss() {
    asked = false
    notify()
  },
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}

export const authHeaders = (): Record<string, string> => (key ? { Authorization: `Bearer ${key}` } : {})
