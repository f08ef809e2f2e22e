/** The radial profile of a spectrum as the path of a chart. */
export interface ProfileChart {
  path: string
  /** Values at the ticks of the vertical axis, from the bottom up, with their heights. */
  ticks: { value: number; y: number }[]
}

/** The highest frequency a picture can hold, in cycles a pixel (Nyquist). */
export const highestFrequency = 0.5

/** `values` run from frequency 0 to the highest; the chart is width x height with 0 at the bottom. */
export function profileChart(values: readonly number[], width: number, height: number): ProfileChart | null {
  const finite = values.filter(Number.isFinite)
  if (values.length < 2 || finite.length !== values.length) return null
  const step = niceStep(Math.max(...finite, 0) / 4)
  const top = Math.max(step, Math.ceil(Math.max(...finite, 0) / step) * step)
  const y = (value: number) => height - (Math.max(0, value) / top) * height
  const path = values
    .map((value, i) => `${i === 0 ? 'M' : 'L'}${((i / (values.length - 1)) * width).toFixed(2)} ${y(value).toFixed(2)}`)
    .join('')
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => ({ value: i * step, y: y(i * step) }))
  return { path, ticks }
}

/** 1, 2 or 5 times a power of ten, not below `least`. */
function niceStep(least: number): number {
  if (!(least > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 5].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10) * power
}
