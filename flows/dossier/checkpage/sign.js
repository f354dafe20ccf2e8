// Signatures as minisign makes them: Ed25519 over the BLAKE2b hash.
'use strict'

// blake2b is the 64-byte hash of a short text; numbers of 64 bits are BigInts.
function blake2b(data) {
  const IV = [0x6a09e667f3bcc908n, 0xbb67ae8584caa73bn, 0x3c6ef372fe94f82bn, 0xa54ff53a5f1d36f1n, 0x510e527fade682d1n, 0x9b05688c2b3e6c1fn, 0x1f83d9abfb41bd6bn, 0x5be0cd19137e2179n]
  const SIGMA = ['0123456789abcdef', 'ea489fd61c02b753', 'b8c052fdae367194', '7931dcbe265a40f8', '905724afe1bc683d', '2c6a0b834d75fe19', 'c51fed4a0763928b', 'db7ec13950f4862a', '6fe9b308c2d714a5', 'a2847615fb9e3cd0']
  const mask = (1n << 64n) - 1n
  const turn = (x, n) => (x >> n | x << (64n - n)) & mask
  const h = IV.slice()
  h[0] ^= 0x01010040n
  const blocks = Math.max(1, Math.ceil(data.length / 128))
  for (let n = 0; n < blocks; n++) {
    const part = new Uint8Array(128)
    part.set(data.subarray(n * 128, n * 128 + 128))
    const words = new DataView(part.buffer)
    const m = Array.from({ length: 16 }, (_, i) => words.getBigUint64(i * 8, true))
    const v = h.concat(IV)
    v[12] ^= BigInt(Math.min(data.length, (n + 1) * 128))
    if (n === blocks - 1) v[14] ^= mask
    const mix = (a, b, c, d, x, y) => {
      v[a] = v[a] + v[b] + x & mask; v[d] = turn(v[d] ^ v[a], 32n)
      v[c] = v[c] + v[d] & mask; v[b] = turn(v[b] ^ v[c], 24n)
      v[a] = v[a] + v[b] + y & mask; v[d] = turn(v[d] ^ v[a], 16n)
      v[c] = v[c] + v[d] & mask; v[b] = turn(v[b] ^ v[c], 63n)
    }
    for (let round = 0; round < 12; round++) {
      const s = Array.from(SIGMA[round % 10], (c) => m[parseInt(c, 16)])
      mix(0, 4, 8, 12, s[0], s[1]); mix(1, 5, 9, 13, s[2], s[3]); mix(2, 6, 10, 14, s[4], s[5]); mix(3, 7, 11, 15, s[6], s[7])
      mix(0, 5, 10, 15, s[8], s[9]); mix(1, 6, 11, 12, s[10], s[11]); mix(2, 7, 8, 13, s[12], s[13]); mix(3, 4, 9, 14, s[14], s[15])
    }
    for (let i = 0; i < 8; i++) h[i] ^= v[i] ^ v[i + 8]
  }
  const out = new DataView(new ArrayBuffer(64))
  h.forEach((x, i) => out.setBigUint64(i * 8, x, true))
  return new Uint8Array(out.buffer)
}

const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
const filled = (text) => text.split('\n').map((l) => l.replace(/\r$/, '')).filter((l) => l !== '')
const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i])

// readKey reads clipcase.pub.
function readKey(text) {
  const line = filled(text).pop() || ''
  const raw = fromBase64(line)
  if (raw.length !== 42 || raw[0] !== 0x45 || raw[1] !== 0x64) throw new Error('key')
  return { line, id: raw.subarray(2, 10), key: raw.subarray(10), fingerprint: hashOf(raw.subarray(10)).slice(0, 32).replace(/(.{4})(?=.)/g, '$1 ') }
}

// canVerify says whether this browser knows Ed25519.
async function canVerify() {
  try {
    await crypto.subtle.importKey('raw', fromBase64('11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='), 'Ed25519', false, ['verify'])
    return true
  } catch { return false }
}

// signedBy is the comment of a signature that is this key's over content, comment
// included; null = it is not.
async function signedBy(key, content, text) {
  const lines = filled(text)
  if (lines.length !== 4 || !lines[2].startsWith('trusted comment: ')) return null
  const body = fromBase64(lines[1]), whole = fromBase64(lines[3])
  if (body.length !== 74 || body[0] !== 0x45 || body[1] !== 0x44 || !same(body.subarray(2, 10), key.id)) return null
  const subtle = await crypto.subtle.importKey('raw', key.key, 'Ed25519', false, ['verify'])
  const said = lines[2].slice('trusted comment: '.length), signature = body.subarray(10), comment = new TextEncoder().encode(said)
  const both = new Uint8Array(signature.length + comment.length)
  both.set(signature); both.set(comment, signature.length)
  const holds = await crypto.subtle.verify('Ed25519', subtle, signature, blake2b(content)) && await crypto.subtle.verify('Ed25519', subtle, whole, both)
  return holds ? said : null
}
