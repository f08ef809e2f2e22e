import { expect, it } from 'vitest'
import { descriptorOf } from './descriptor'

it('reads what `dfpipe inspect --json` prints', () => {
  const descriptor = descriptorOf({
    type: 'decode',
    kind: 'node',
    plugin: 'image.so',
    about: 'Decode a file.',
    uses: [{ name: 'detector', type: 'detector', about: 'the model' }],
    parameters: [
      { name: 'max_pixels', type: 'integer', about: 'most', required: false, default: 100000000, min: 1, max: 4e9, unit: 'pixels' },
      { name: 'mode', type: 'choice', about: '', required: false, default: 'auto', choices: ['auto', 'fast'] },
      { name: 'path', type: 'path', about: 'a folder', required: true },
      { name: 'at_least', type: 'real', about: '', required: false, default: 0.5, min: 0 },
    ],
  })
  expect(descriptor.plugin).toBe('image.so')
  expect(descriptor.uses).toEqual(['detector'])
  expect(descriptor.parameters.map((parameter) => [parameter.name, parameter.value, parameter.range, parameter.required])).toEqual([
    ['max_pixels', '100,000,000', '1 to 4,000,000,000', false],
    ['mode', 'auto', 'auto, fast', false],
    ['path', '', '', true],
    ['at_least', '0.5', 'at least 0', false],
  ])
})

it('takes anything else for an empty one', () => {
  for (const json of [undefined, null, 3, 'x', [], { parameters: 'none', about: 7 }, { parameters: [null, 3, {}] }]) {
    expect(descriptorOf(json)).toEqual({ about: '', plugin: '', parameters: [], uses: [] })
  }
})
