/** What the first bytes of a file say about it. The server goes by the same bytes, never by the name. */
export interface FileFacts {
  format: 'jpeg' | 'png' | 'webp'
  /** As stored, before any EXIF rotation; 0 when the bytes at hand do not say. */
  width: number
  height: number
  /** Whether the file carries EXIF data. */
  exif: boolean
}

/** Enough for the headers of nearly every file; a JPEG may have large profiles before its size. */
export const sniffBytes = 256 * 1024

export function sniff(bytes: Uint8Array): FileFacts | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (starts(view, 0, [0xff, 0xd8, 0xff])) return jpeg(view)
  if (starts(view, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return png(view)
  if (text(view, 0) === 'RIFF' && text(view, 8) === 'WEBP') return webp(view)
  return null
}

function starts(view: DataView, at: number, wanted: number[]): boolean {
  return view.byteLength >= at + wanted.length && wanted.every((byte, i) => view.getUint8(at + i) === byte)
}

function text(view: DataView, at: number): string {
  if (view.byteLength < at + 4) return ''
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)))
}

/** Segments up to the frame header (ITU T.81, B.2): SOF0 to SOF15 without DHT, JPG and DAC. */
function jpeg(view: DataView): FileFacts {
  const facts: FileFacts = { format: 'jpeg', width: 0, height: 0, exif: false }
  let at = 2
  while (at + 4 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) break
    const marker = view.getUint8(at + 1)
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2
      continue
    }
    if (marker === 0xda || marker === 0xd9) break
    if (marker === 0xe1 && text(view, at + 4) === 'Exif') facts.exif = true
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (frame && at + 9 <= view.byteLength) {
      facts.height = view.getUint16(at + 5)
      facts.width = view.getUint16(at + 7)
      break
    }
    at += 2 + view.getUint16(at + 2)
  }
  return facts
}

function png(view: DataView): FileFacts {
  const facts: FileFacts = { format: 'png', width: 0, height: 0, exif: false }
  let at = 8
  while (at + 8 <= view.byteLength) {
    const length = view.getUint32(at)
    const chunk = text(view, at + 4)
    if (chunk === 'IHDR' && at + 16 <= view.byteLength) {
      facts.width = view.getUint32(at + 8)
      facts.height = view.getUint32(at + 12)
    }
    if (chunk === 'eXIf') facts.exif = true
    if (chunk === 'IDAT') break
    at += 12 + length
  }
  return facts
}

/** The three kinds of WebP (RFC 9649, 2.5 to 2.7). */
function webp(view: DataView): FileFacts {
  const facts: FileFacts = { format: 'webp', width: 0, height: 0, exif: false }
  if (view.byteLength < 30) return facts
  const chunk = text(view, 12)
  if (chunk === 'VP8X') {
    facts.exif = (view.getUint8(20) & 0x08) !== 0
    facts.width = 1 + view.getUint16(24, true) + (view.getUint8(26) << 16)
    facts.height = 1 + view.getUint16(27, true) + (view.getUint8(29) << 16)
  } else if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true)
    facts.width = 1 + (bits & 0x3fff)
    facts.height = 1 + ((bits >>> 14) & 0x3fff)
  } else if (chunk === 'VP8 ') {
    facts.width = view.getUint16(26, true) & 0x3fff
    facts.height = view.getUint16(28, true) & 0x3fff
  }
  return facts
}
