import { expect, test } from 'vitest'
import { button, click, press, render } from '../testing/render'
import { judgedEntry, sampleFace } from '../testing/samples'
import { Result } from './Result'

async function show(change: Parameters<typeof judgedEntry>[1]) {
  const entry = judgedEntry('party.jpg', change)
  if (entry.stage.kind !== 'judged') throw new Error('not judged')
  return render(<Result entry={entry} picture={entry.stage.picture} minFace={48} />)
}
const shown = (page: HTMLElement) => page.querySelector('article')?.textContent ?? ''

test('verdict, band, probability, threshold and the caution of the model stand together', async () => {
  const page = await show({})
  const panel = page.querySelector('[aria-labelledby="verdict-title"]')?.textContent
  expect(panel).toContain('Probably fake')
  expect(panel).toContain('Moderate: clearly away from the threshold')
  expect(panel).toContain('91.2 %')
  expect(panel).toContain('says nothing about photographs')
  expect(panel).toContain('no calibration')
})

test('a calibrated probability is called so, with the number of the model beside it', async () => {
  const page = await show({ faces: [sampleFace({ calibrated: 0.61, probability: 0.9 })], threshold: 0.42 })
  const panel = page.querySelector('[aria-labelledby="verdict-title"]')?.textContent
  expect(panel).toContain('Probability of fake, calibrated61.0 %')
  expect(panel).toContain("The model's own number is 90.0 %")
  expect(page.querySelector('[role="img"][aria-label*="threshold 42.0 %"]')).not.toBeNull()
})

test('faces are numbered buttons; click and arrow keys choose whose details are shown', async () => {
  const page = await show({
    faces: [sampleFace(), sampleFace({ verdict: 'real', band: 'strong', probability: 0.02 })],
    face_count: 2,
  })
  const first = button(page, 'Face 1: Probably fake')
  const second = button(page, 'Face 2: Probably genuine')
  expect(first.getAttribute('aria-pressed')).toBe('true')
  await click(second)
  expect(second.getAttribute('aria-pressed')).toBe('true')
  expect(shown(page)).toContain('Face 2 of 2')
  await press(second, 'ArrowRight')
  expect(first.getAttribute('aria-pressed')).toBe('true')
  expect(document.activeElement).toBe(first)
})

test('a box lies where the server says, in percent of the picture', async () => {
  const page = await show({})
  expect(button(page, 'Face 1: Probably fake').style).toMatchObject({
    left: '15%',
    top: '40%',
    width: '30%',
    height: '80%',
  })
})

test('no face is a result: inconclusive, with the reason, and no verdict word of the score', async () => {
  const face = sampleFace({
    verdict: 'inconclusive',
    band: null,
    reasons: ['no_face'],
    whole_picture: true,
    box: null,
    bbox: null,
  })
  const page = await show({ faces: [face], face_count: 0, face_detected: false })
  expect(shown(page)).toContain('No face found')
  expect(shown(page)).toContain('Inconclusive')
  expect(shown(page)).not.toContain('Probably fake')
  expect(page.querySelectorAll('[data-face]')).toHaveLength(0)
})

test('a face that is too small says how small', async () => {
  const page = await show({ faces: [sampleFace({ verdict: 'inconclusive', band: null, reasons: ['face_too_small'] })] })
  expect(shown(page)).toContain('smaller than 48 pixels')
})

test('measurements say what to ignore, problems and warnings are shown', async () => {
  const page = await show({
    faces: [sampleFace({ problems: ['the heat map failed'] })],
    warnings: ['3 bytes too many'],
  })
  expect(shown(page)).toContain('Ignore this one: hardly valid here: the light is flat')
  expect(shown(page)).toContain('the heat map failed')
  expect(shown(page)).toContain('3 bytes too many')
})

test('a file whose hash differs from what the server judged raises an alarm', async () => {
  const entry = { ...judgedEntry(), sha256: '0'.repeat(64) }
  if (entry.stage.kind !== 'judged') throw new Error('not judged')
  const page = await render(<Result entry={entry} picture={entry.stage.picture} minFace={null} />)
  expect(shown(page)).toContain('The server judged other bytes')
})

test('the views lay the heat map over the face or beside it; without one they are off', async () => {
  const page = await show({})
  const radio = (index: number) => page.querySelectorAll<HTMLInputElement>('input[type="radio"]')[index]
  expect(page.querySelector('input[type="range"]')).toBeNull()
  await click(radio(1))
  const overlay = page.querySelector<HTMLImageElement>('img[alt="Heat map of the selected face"]')
  expect(overlay?.style).toMatchObject({ left: '5%', top: '30%', width: '50%', opacity: '0.5' })
  expect(page.querySelector('input[type="range"]')).not.toBeNull()
  await click(radio(2))
  expect(shown(page)).toContain('What the model was given')
  const bare = await show({ faces: [sampleFace({ gradcam: null })] })
  expect(bare.querySelectorAll('input[type="radio"]:disabled')).toHaveLength(2)
  expect(shown(bare)).toContain('There is no heat map for this face')
})

test('the printed report has verdict, hashes, model and limits', async () => {
  const page = await show({})
  const report = page.querySelector('.print-only')?.textContent ?? ''
  for (const part of [
    'party.jpg',
    'Probably fake',
    'a'.repeat(64),
    'b'.repeat(64),
    'c'.repeat(64),
    'demo',
    'hint, not proof',
  ]) {
    expect(report).toContain(part)
  }
})
