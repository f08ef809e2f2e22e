import { csv, type Cell } from './csv'
import type { JudgedFace, JudgedPicture } from './judged'
import type { Entry } from './queue'
import { stateWords } from './table'

const measures = ['symmetry', 'eyes', 'texture', 'edges', 'lighting', 'noise'] as const

const columns = [
  'file',
  'state',
  'sha256',
  'bytes',
  'format',
  'width',
  'height',
  'faces',
  'face',
  'whole_picture',
  'verdict',
  'band',
  'reasons',
  'probability',
  'calibrated',
  'threshold',
  'left',
  'top',
  'width_of_face',
  'height_of_face',
  'detector',
  ...measures.map((name) => `heuristic_${name}`),
  'heuristics_total',
  'problems',
  'error_code',
  'request_id',
  'model',
  'model_sha256',
  'graph_sha256',
]

/** One row a face; a picture without a result has one row that says why. */
export function toCsv(entries: readonly Entry[]): string {
  return csv([columns, ...entries.flatMap(rows)])
}

function rows(entry: Entry): Cell[][] {
  if (entry.stage.kind === 'judged') {
    const { picture } = entry.stage
    return picture.faces.map((face, i) => faceRow(entry, picture, face, i + 1))
  }
  const problem = 'problem' in entry.stage ? entry.stage.problem : null
  const known: Record<string, Cell> = {
    file: entry.file.name,
    state: stateWords(entry.stage, entry.file.size),
    sha256: entry.sha256,
    bytes: entry.file.size,
    error_code: problem?.code ?? null,
    request_id: problem?.requestId ?? null,
  }
  return [columns.map((name) => known[name] ?? null)]
}

function faceRow(entry: Entry, picture: JudgedPicture, face: JudgedFace, number: number): Cell[] {
  const [left, top, width, height] = face.box ?? [null, null, null, null]
  const score = (name: string) => face.heuristics.measures.find((measure) => measure.name === name)?.score ?? null
  return [
    entry.file.name,
    'Judged',
    picture.sha256,
    picture.bytes,
    picture.format,
    picture.width,
    picture.height,
    picture.face_count,
    number,
    face.whole_picture,
    face.verdict,
    face.band,
    face.reasons.join(' '),
    face.probability,
    face.calibrated,
    picture.threshold,
    left,
    top,
    width,
    height,
    face.detector,
    ...measures.map(score),
    face.heuristics.total,
    face.problems.join('; '),
    null,
    picture.request_id,
    picture.model.name,
    picture.model.sha256,
    picture.graph.sha256,
  ]
}

/** The server's answers, with the pictures in base64 only where asked for: they are most of the bytes. */
export async function toJson(entries: readonly Entry[], withPictures: boolean): Promise<string> {
  const results = []
  for (const entry of entries) {
    const { stage } = entry
    if (stage.kind === 'judged') results.push(await answer(entry, stage.picture, withPictures))
    else if ('problem' in stage) {
      const { code, message, requestId } = stage.problem
      results.push({ file: entry.file.name, sha256: entry.sha256, error: message, code, request_id: requestId })
    }
  }
  return `${JSON.stringify({ results }, null, 2)}\n`
}

async function answer(entry: Entry, picture: JudgedPicture, withPictures: boolean) {
  const faces = []
  for (const { heatmap, spectrum, ...face } of picture.faces) {
    faces.push(withPictures ? { ...face, gradcam: await base64(heatmap), spectrum: await base64(spectrum) } : face)
  }
  return { ...picture, file: entry.file.name, faces }
}

async function base64(blob: Blob | null): Promise<string | null> {
  if (!blob) return null
  const bytes = new Uint8Array(await blob.arrayBuffer())
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
