import type { Problem } from '../api/problem'

export interface ProblemWords {
  title: string
  /** What to do about it; empty when the title says it all. */
  hint: string
  /** Whether the same file may well succeed later. */
  again: boolean
}

const byCode: Record<string, ProblemWords> = {
  network: {
    title: 'The connection was lost',
    hint: 'The server did not answer, or it closed the connection while the file was being sent.',
    again: true,
  },
  bad_answer: { title: 'The answer could not be read', hint: '', again: true },
  empty_file: { title: 'The file is empty', hint: '', again: false },
  not_an_image: {
    title: 'This is not a picture',
    hint: 'JPEG, PNG and WebP are taken, by their first bytes.',
    again: false,
  },
  unsupported: { title: 'This kind of picture is not supported', hint: '', again: false },
  truncated: {
    title: 'The picture is cut off',
    hint: 'The file ends before the picture does. Copy it again.',
    again: false,
  },
  corrupt: { title: 'The picture is damaged', hint: 'It could not be decoded.', again: false },
  too_large: { title: 'The picture has too many pixels', hint: '', again: false },
  queue_full: { title: 'The server is busy', hint: 'Too many pictures are waiting.', again: true },
  too_many_jobs: { title: 'The server is busy', hint: 'It runs as many jobs as it can.', again: true },
  starting: { title: 'The server is starting', hint: 'It loads its model.', again: true },
  draining: { title: 'The server is stopping', hint: '', again: true },
  discarded: { title: 'The server stopped before the picture was judged', hint: '', again: true },
  deadline: { title: 'Not finished in time', hint: 'The server gave up at its deadline.', again: true },
  pipeline_error: { title: 'The pipeline could not judge the picture', hint: '', again: true },
  job_lost: {
    title: 'The server no longer knows this job',
    hint: 'It was restarted, or the job is too old.',
    again: true,
  },
  page_unreadable: { title: 'The file could not be read', hint: 'It was moved, changed or deleted.', again: false },
}

const byStatus: Record<number, ProblemWords> = {
  400: { title: 'The server could not use this file', hint: '', again: false },
  401: { title: 'An API key is needed', hint: '', again: true },
  403: { title: 'The server does not allow this', hint: '', again: false },
  404: { title: 'Not found on the server', hint: '', again: true },
  408: { title: 'Sending took too long', hint: 'The server gave up waiting for the file.', again: true },
  413: { title: 'Too large for the server', hint: '', again: false },
  415: { title: 'Not a picture the server takes', hint: 'JPEG, PNG and WebP are.', again: false },
  422: { title: 'The picture could not be decoded', hint: 'It may be damaged or cut off.', again: false },
  429: { title: 'The server is busy', hint: '', again: true },
  500: { title: 'The server failed', hint: '', again: true },
  503: { title: 'The server is not ready', hint: 'It is starting or stopping.', again: true },
  504: { title: 'Not finished in time', hint: 'The server gave up at its deadline.', again: true },
}

/** A problem in plain words: by its code first, then by its status; the server's own sentence is shown beside it. */
export function problemWords(problem: Problem): ProblemWords {
  if (problem.code.startsWith('page_') && problem.message !== '') {
    return { title: problem.message, hint: '', again: false }
  }
  return (
    byCode[problem.code] ??
    byStatus[problem.status] ?? {
      title: problem.message || `The server answered ${problem.status || problem.code}`,
      hint: '',
      again: problem.status >= 500,
    }
  )
}
