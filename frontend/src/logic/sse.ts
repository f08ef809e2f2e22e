/** Server-sent events as the HTML standard defines their text (section 9.2.6), for streams read by fetch. */
export interface ServerEvent {
  /** `message` where the server names none. */
  event: string
  data: string
  /** The last id seen so far, which is what a resume sends; empty before the first. */
  id: string
}

/** Takes the stream in pieces, cut anywhere, and gives the events that are complete. */
export class SseParser {
  /** Milliseconds the server asks to wait before a reconnect; null when it said nothing. */
  retry: number | null = null
  private rest = ''
  private afterCr = false
  private started = false
  private event = ''
  private data: string[] = []
  private id = ''

  push(chunk: string): ServerEvent[] {
    let text = chunk
    if (!this.started && text !== '') {
      this.started = true
      if (text.startsWith('\uFEFF')) text = text.slice(1)
    }
    // A CR ends its line at once; the LF that may open the next piece belongs to it.
    if (this.afterCr && text.startsWith('\n')) text = text.slice(1)
    if (text !== '') this.afterCr = text.endsWith('\r')
    const lines = (this.rest + text).split(/\r\n|\r|\n/)
    this.rest = lines.pop() ?? ''
    const events: ServerEvent[] = []
    for (const line of lines) {
      const event = this.take(line)
      if (event) events.push(event)
    }
    return events
  }

  private take(line: string): ServerEvent | null {
    if (line === '') return this.dispatch()
    const colon = line.indexOf(':')
    if (colon === 0) return null
    const field = colon < 0 ? line : line.slice(0, colon)
    let value = colon < 0 ? '' : line.slice(colon + 1)
    if (value.startsWith(' ')) value = value.slice(1)
    if (field === 'event') this.event = value
    else if (field === 'data') this.data.push(value)
    else if (field === 'id' && !value.includes('\0')) this.id = value
    else if (field === 'retry' && /^\d+$/.test(value)) this.retry = Number(value)
    return null
  }

  private dispatch(): ServerEvent | null {
    const event = { event: this.event || 'message', data: this.data.join('\n'), id: this.id }
    const empty = this.data.length === 0
    this.event = ''
    this.data = []
    return empty ? null : event
  }
}
