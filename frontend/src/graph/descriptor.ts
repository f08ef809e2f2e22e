/** A node type's descriptor, of which the API promises no more than that it is an object. */
export interface Parameter {
  name: string
  type: string
  about: string
  /** As people would write it in a pipeline file; empty for a required one. */
  value: string
  required: boolean
  /** "0 to 1", "at least 1", "auto, cpu, cuda". */
  range: string
  unit: string
}

export interface Descriptor {
  about: string
  plugin: string
  parameters: Parameter[]
  /** Resources it uses. */
  uses: string[]
}

export function descriptorOf(json: unknown): Descriptor {
  const object = asObject(json)
  return {
    about: text(object.about),
    plugin: text(object.plugin),
    parameters: list(object.parameters).map(parameterOf).filter((parameter) => parameter.name !== ''),
    uses: list(object.uses).map((use) => (typeof use === 'string' ? use : text(asObject(use).type) || text(asObject(use).name))),
  }
}

function parameterOf(json: unknown): Parameter {
  const object = asObject(json)
  return {
    name: text(object.name),
    type: text(object.type),
    about: text(object.about),
    value: 'default' in object ? written(object.default) : '',
    required: object.required === true,
    range: rangeOf(object),
    unit: text(object.unit),
  }
}

function rangeOf(object: Record<string, unknown>): string {
  const choices = list(object.choices).map(written)
  if (choices.length > 0) return choices.join(', ')
  const [min, max] = [object.min, object.max]
  if (typeof min === 'number' && typeof max === 'number') return `${written(min)} to ${written(max)}`
  if (typeof min === 'number') return `at least ${written(min)}`
  if (typeof max === 'number') return `at most ${written(max)}`
  return ''
}

const asObject = (json: unknown): Record<string, unknown> =>
  json !== null && typeof json === 'object' && !Array.isArray(json) ? (json as Record<string, unknown>) : {}
const list = (json: unknown): unknown[] => (Array.isArray(json) ? json : [])
const text = (json: unknown) => (typeof json === 'string' ? json : '')

function written(value: unknown): string {
  if (typeof value === 'string') return value === '' ? '""' : value
  if (typeof value === 'number') return Number.isInteger(value) ? value.toLocaleString('en') : String(value)
  return JSON.stringify(value) ?? ''
}
