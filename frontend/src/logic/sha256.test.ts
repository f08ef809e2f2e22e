import { describe, expect, test } from 'vitest'
import { compareHashes, sha256 } from './sha256'

describe('SHA-256', () => {
  // FIPS 180-4, the example of one block
  test('of abc', async () => {
    expect(await sha256(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })
  test('is null without Web Crypto, and then nothing is compared', async () => {
    expect(await sha256(new Uint8Array(1), {} as Crypto)).toBeNull()
    expect(compareHashes(null, 'a')).toBe('unknown')
    expect(compareHashes('a', 'a')).toBe('same')
    expect(compareHashes('a', 'b')).toBe('different')
  })
})
