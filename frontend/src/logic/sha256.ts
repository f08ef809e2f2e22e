/**
 * SHA-256 of a file in lower-case hex. Null where the browser has no Web Crypto, which it keeps from pages that come
 * neither by HTTPS nor from this computer.
 */
export async function sha256(data: BufferSource, crypto = globalThis.crypto): Promise<string | null> {
  if (!crypto?.subtle) return null
  const digest = await crypto.subtle.digest('SHA-256', data)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export type HashCheck = 'same' | 'different' | 'unknown'

export function compareHashes(own: string | null, server: string): HashCheck {
  if (own === null) return 'unknown'
  return own === server ? 'same' : 'different'
}
