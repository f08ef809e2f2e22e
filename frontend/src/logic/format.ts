/** Numbers as people read them. */

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`
  const units = ['kB', 'MB', 'GB']
  let scaled = value / 1000
  let unit = 0
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000
    unit += 1
  }
  return `${scaled < 10 ? scaled.toFixed(1) : scaled.toFixed(0)} ${units[unit]}`
}

/** A probability as a percentage that never claims certainty. */
export function percent(value: number): string {
  if (value < 0.001) return '< 0.1 %'
  if (value > 0.999) return '> 99.9 %'
  return `${(100 * value).toFixed(1)} %`
}

export function milliseconds(value: number): string {
  if (value >= 10000) return `${(value / 1000).toFixed(1)} s`
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`
}

export const megapixels = (pixels: number) => `${(pixels / 1e6).toFixed(pixels < 9.95e6 ? 1 : 0)} megapixels`

export const shortHash = (hash: string) => hash.slice(0, 12)

export const count = (value: number, one: string, many = `${one}s`) => `${value} ${value === 1 ? one : many}`
