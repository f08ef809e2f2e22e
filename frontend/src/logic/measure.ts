import type { Heuristics, Measure } from '../api/types'

export const measureNames: Record<Measure['name'], string> = {
  symmetry: 'Symmetry',
  eyes: 'Eyes',
  texture: 'Skin texture',
  edges: 'Edges',
  lighting: 'Lighting',
  noise: 'Noise',
}

const doubtMark = '; hardly valid: '
/** At most this valid, the server does not let a measure be the worst one either. */
const mostlyValid = 0.5

export interface MeasureReading {
  name: string
  /** What was measured, a sentence of the server's. */
  text: string
  /** Why it should be ignored; null when it should not. */
  ignore: string | null
  /** The lowest of those that count. */
  worst: boolean
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

export function readMeasure(measure: Measure, worst: Heuristics['worst']): MeasureReading {
  const [text = '', doubt] = measure.note.split(doubtMark)
  const name = measureNames[measure.name]
  if (measure.score === null)
    return { name, text: `Not measured: ${text || 'no reason given'}`, ignore: null, worst: false }
  const ignore =
    doubt !== undefined
      ? `hardly valid here: ${doubt}`
      : (measure.validity ?? 0) <= mostlyValid
        ? 'hardly valid here'
        : null
  return { name, text: sentence(text), ignore, worst: measure.name === worst }
}
