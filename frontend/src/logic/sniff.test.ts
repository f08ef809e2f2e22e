import { expect, test } from 'vitest'
import { jpegBytes } from '../testing/samples'
import { sniff } from './sniff'

const bytes = (...parts: (string | number[])[]) =>
  new Uint8Array(parts.flatMap((part) => (typeof part === 'string' ? Array.from(part, (c) => c.charCodeAt(0)) : part)))

const pngHead = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const ihdr = bytes(pngHead, [0, 0, 0, 13], 'IHDR', [0, 0, 1, 0, 0, 0, 0, 200, 8, 2, 0, 0, 0], [1, 2, 3, 4])

test('a JPEG tells its size behind other segments', () => {
  expect(sniff(jpegBytes)).toEqual({ format: 'jpeg', width: 40, height: 30, exif: false })
})

test('a JPEG with EXIF, fill bytes and a progressive frame', () => {
  const exif = [0xff, 0xe1, 0, 8, ...bytes('Exif'), 0, 0]
  const frame = [0xff, 0xff, 0xc2, 0, 11, 8, 1, 0, 2, 0]
  expect(sniff(bytes([0xff, 0xd8], exif, frame))).toEqual({ format: 'jpeg', width: 512, height: 256, exif: true })
})

test('a Huffman table is no frame, although its marker lies among theirs', () => {
  const table = [0xff, 0xc4, 0, 11, 8, 9, 9, 9, 9, 0, 0, 0, 0]
  const frame = [0xff, 0xc0, 0, 11, 8, 0, 30, 0, 40]
  expect(sniff(bytes([0xff, 0xd8], table, frame))).toMatchObject({ width: 40, height: 30 })
  expect(sniff(bytes([0xff, 0xd8], table, [0xff, 0xda]))).toMatchObject({ width: 0, height: 0 })
})

test('PNG with and without EXIF', () => {
  expect(sniff(ihdr)).toEqual({ format: 'png', width: 256, height: 200, exif: false })
  const exif = bytes([0, 0, 0, 2], 'eXIf', [1, 2, 0, 0, 0, 0])
  const more = new Uint8Array([...ihdr, ...exif])
  expect(sniff(more)?.exif).toBe(true)
})

test('the three kinds of WebP', () => {
  const head = (kind: string) => ['RIFF', [0, 0, 0, 0], 'WEBP', kind, [0, 0, 0, 0]]
  expect(sniff(bytes(...head('VP8X'), [8, 0, 0, 0], [0xff, 0, 0], [0x3f, 1, 0]))).toEqual({
    format: 'webp',
    width: 256,
    height: 320,
    exif: true,
  })
  // 14 bits of width - 1, 14 bits of height - 1
  const bits = 299 | (149 << 14)
  const packed = [bits & 255, (bits >> 8) & 255, (bits >> 16) & 255, (bits >>> 24) & 255]
  expect(sniff(bytes(...head('VP8L'), [0x2f], packed, [0, 0, 0, 0, 0]))).toMatchObject({ width: 300, height: 150 })
  expect(sniff(bytes(...head('VP8 '), [0, 0, 0, 0x9d, 1, 0x2a], [0x80, 2], [0xe0, 1]))).toMatchObject({
    width: 640,
    height: 480,
  })
})

test('anything else is no picture, however it is named, and a cut file does not throw', () => {
  expect(sniff(bytes('GIF89a'))).toBeNull()
  expect(sniff(new Uint8Array())).toBeNull()
  for (let length = 0; length < jpegBytes.length; length += 1) sniff(jpegBytes.slice(0, length))
  for (let length = 0; length < ihdr.length; length += 1) sniff(ihdr.slice(0, length))
})

test('a segment of length zero does not loop for ever', () => {
  expect(sniff(bytes([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0]))).toMatchObject({ width: 0 })
})
