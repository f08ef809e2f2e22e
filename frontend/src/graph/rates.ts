/** The numbers of a running pipeline as people read them. */
import type { NodeStats } from '../api/types'

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** Items a second, in three digits at most where that says enough. */
export function rate(value: number): string {
  if (value <= 0) return '0/s'
  if (value < 0.1) return '< 0.1/s'
  if (value < 9.95) return `${value.toFixed(1)}/s`
  return `${grouped.format(value)}/s`
}

/** Seconds in the unit that keeps the figure short; a dash where nothing was measured. */
export function duration(seconds: number): string {
  if (seconds <= 0) return '–'
  if (seconds < 1e-3) return `${digits(seconds * 1e6)} µs`
  if (seconds < 0.9995) return `${digits(seconds * 1e3)} ms`
  if (seconds < 60) return `${seconds < 9.95 ? seconds.toFixed(2) : seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`
}

const digits = (value: number) => (value < 9.95 ? value.toFixed(1) : value.toFixed(0))

/** How long a server has been up. */
export function age(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`
}

export const whole = (value: number) => grouped.format(value)

/** How brightly a node is lit, from 0 to 1: by its rate, on a logarithmic scale from 0.1 to 100 items a second. */
export function glow(stats: NodeStats | undefined): number {
  if (!stats || (stats.rate <= 0 && stats.running === 0)) return 0
  return Math.min(1, Math.max(0.25, (Math.log10(Math.max(stats.rate, 0.1)) + 1) / 3))
}
