import type { JudgedPicture } from './judged'
import type { FileFacts } from './sniff'

/** What the file itself tells about its history, in sentences. */
export function traceNotes(facts: FileFacts | null, picture: JudgedPicture): string[] {
  const notes: string[] = []
  if (facts && !facts.exif) {
    notes.push(
      'The file has no EXIF data. Screenshots, messengers and social networks remove it, and so do generators: it proves nothing.',
    )
  } else if (facts?.exif) {
    notes.push('The file has EXIF data. They are easily forged, and the score does not use them.')
  }
  if (picture.orientation !== 1) {
    notes.push(`The EXIF orientation (${picture.orientation}) was applied: the picture is shown and judged upright.`)
  }
  notes.push(
    'A screenshot or messenger copy has lost most of the traces that the model looks for. Judge the first copy you can get.',
  )
  return notes
}
