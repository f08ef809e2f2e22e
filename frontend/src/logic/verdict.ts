import type { Band, Reason, Verdict } from '../api/types'
import type { JudgedFace } from './judged'

/** The server's verdict in words. Nothing here is computed from scores: verdict, band and reasons are the server's. */
export const verdictWords: Record<Verdict, string> = {
  real: 'Probably genuine',
  fake: 'Probably fake',
  inconclusive: 'Inconclusive',
}

export const bandWords: Record<NonNullable<Band>, string> = {
  weak: 'Weak: not far from the threshold',
  moderate: 'Moderate: clearly away from the threshold',
  strong: 'Strong: far from the threshold',
}

export function reasonSentence(reason: Reason, minFace: number | null): string {
  switch (reason) {
    case 'no_face':
      return 'No face was found. The model was given the whole picture, which it is not made for, so there is no verdict.'
    case 'face_too_small':
      return `The face is ${minFace ? `smaller than ${minFace} pixels` : 'too small'}. Enlarged that much, it has little left to judge by.`
    case 'near_threshold':
      return 'The probability is too close to the threshold to say either.'
    case 'untrained':
      return 'The model has not been trained. Its numbers mean nothing.'
    case 'no_score':
      return 'The model gave no score for this face.'
  }
}

/** The probability that the threshold is compared with: the calibrated one where the model has a calibration. */
export function decidingProbability(face: JudgedFace): { value: number; calibrated: boolean } | null {
  if (face.calibrated !== null) return { value: face.calibrated, calibrated: true }
  return face.probability === null ? null : { value: face.probability, calibrated: false }
}

export interface Summary {
  /** Of the most suspicious face: fake before inconclusive before genuine. */
  verdict: Verdict
  /** Faces with that verdict. */
  faces: number
  /** All faces. */
  of: number
  /** The highest probability of fake among the faces; null without one, and for a whole picture, which is no face. */
  probability: number | null
}

const suspicion: Verdict[] = ['fake', 'inconclusive', 'real']

/** One line for a picture with any number of faces. */
export function summarise(faces: readonly JudgedFace[]): Summary {
  const verdict = suspicion.find((word) => faces.some((face) => face.verdict === word)) ?? 'inconclusive'
  const values = faces.flatMap((face) => (face.whole_picture ? [] : (decidingProbability(face)?.value ?? [])))
  return {
    verdict,
    faces: faces.filter((face) => face.verdict === verdict).length,
    of: faces.length,
    probability: values.length > 0 ? Math.max(...values) : null,
  }
}

/** The index of the face that the summary speaks of: of those with its verdict, the one with the highest probability. */
export function mostSuspicious(faces: readonly JudgedFace[]): number {
  const { verdict } = summarise(faces)
  const value = (face: JudgedFace) => decidingProbability(face)?.value ?? -1
  let best = -1
  faces.forEach((face, index) => {
    const leader = faces[best]
    if (face.verdict === verdict && (!leader || value(face) > value(leader))) best = index
  })
  return Math.max(0, best)
}
