/** Well-formed answers and entries for tests; each test changes what it is about. */
import type { Face, Info, Picture } from '../api/types'
import { judged, type JudgedFace } from '../logic/judged'
import type { Entry, Stage } from '../logic/queue'

/** A 1 x 1 PNG. */
export const tinyPng =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

export const sampleFace = (change: Partial<Face> = {}): Face => ({
  label: 'Deepfake',
  confidence: 91.2,
  uncanny: {
    symmetry: 80,
    eye_consistency: 70.5,
    texture: 100,
    edge_natural: 33.3,
    color_consistency: 60,
    noise_natural: 50,
  },
  bbox: [10, 20, 110, 140],
  gradcam: tinyPng,
  whole_picture: false,
  probability: 0.912,
  calibrated: null,
  verdict: 'fake',
  band: 'moderate',
  reasons: [],
  box: [30, 40, 60, 80],
  detector: 'dlib',
  detector_score: 1.5,
  presence: null,
  heatmap_box: [10, 30, 110, 130],
  spectrum: tinyPng,
  spectrum_profile: [5, 3, 2, 1],
  heuristics: {
    measures: [
      { name: 'symmetry', value: 0.47, score: 1, validity: 0.6, note: 'the two halves agree to 0.47' },
      {
        name: 'lighting',
        value: 0.5,
        score: 0.7,
        validity: 0.37,
        note: 'one light explains 53 %; hardly valid: the light is flat',
      },
      { name: 'noise', value: 0.15, score: 0.4, validity: 1, note: 'the noise of red and green agrees to 0.84' },
    ],
    total: 0.71,
    worst: 'noise',
  },
  problems: [],
  ...change,
})

export const samplePicture = (change: Partial<Picture> = {}): Picture => ({
  faces: [sampleFace()],
  face_count: 1,
  face_detected: true,
  file: 'a.jpg',
  width: 200,
  height: 100,
  format: 'jpeg',
  bytes: 1234,
  sha256: 'a'.repeat(64),
  orientation: 1,
  warnings: [],
  model: {
    name: 'demo',
    sha256: 'b'.repeat(64),
    trained: true,
    caution: 'says nothing about photographs',
    calibrated: false,
    architecture: 'two branches',
    device: 'cpu',
    precision: 'fp32',
  },
  graph: { name: 'serve', sha256: 'c'.repeat(64) },
  threshold: 0.5,
  timings: { receive: 1, queue: 2, graph: 30, total: 34 },
  request_id: 'r-1',
  ...change,
})

export const judgedFace = (change: Partial<Face> = {}): JudgedFace => {
  const face = judged(samplePicture({ faces: [sampleFace(change)] })).faces[0]
  if (!face) throw new Error('no face')
  return face
}

export const sampleInfo: Info = {
  name: 'dfpipe',
  version: '0.1.0',
  model: samplePicture().model,
  graph: samplePicture().graph,
  threshold: 0.5,
  min_face: 48,
  api_key: false,
  limits: { upload_bytes: 2000, job_bytes: 5000, files: 4, job_files: 3, pixels: 10000, deadline_seconds: 30 },
}

/** The first bytes of a JPEG of 40 x 30. */
export const jpegBytes = new Uint8Array([
  0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 11, 8, 0, 30, 0, 40, 1, 1, 0x11, 0, 0xff, 0xda,
])

let nextId = 1000
export const entry = (stage: Stage, name = 'a.jpg', change: Partial<Entry> = {}): Entry => ({
  id: nextId++,
  file: new File([jpegBytes], name, { type: 'image/jpeg' }),
  facts: null,
  sha256: null,
  thumbnail: null,
  batch: null,
  stage,
  ...change,
})

export const judgedEntry = (name = 'a.jpg', change: Partial<Picture> = {}) =>
  entry({ kind: 'judged', picture: judged(samplePicture(change)) }, name)
