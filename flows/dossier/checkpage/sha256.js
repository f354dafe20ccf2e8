// Hashes of files of any length, read in blocks: browsers hash whole buffers only.
'use strict'

const K256 = new Uint32Array(64), START256 = new Uint32Array(8)
{
  // The constants are the first bits of the square and cube roots of primes.
  const bits = (x) => (x - Math.floor(x)) * 4294967296 >>> 0
  for (let n = 0, c = 2; n < 64; c++) {
    let prime = true
    for (let d = 2; d * d <= c; d++) if (c % d === 0) { prime = false; break }
    if (!prime) continue
    if (n < 8) START256[n] = bits(Math.sqrt(c))
    K256[n++] = bits(Math.cbrt(c))
  }
}

class SHA256 {
  constructor() {
    this.h = START256.slice()
    this.w = new Uint32Array(64)
    this.rest = new Uint8Array(64)
    this.held = 0
    this.length = 0
  }

  update(data) {
    this.length += data.length
    let at = 0
    if (this.held > 0) {
      at = Math.min(64 - this.held, data.length)
      this.rest.set(data.subarray(0, at), this.held)
      this.held += at
      if (this.held < 64) return this
      this.block(this.rest, 0)
      this.held = 0
    }
    for (; at + 64 <= data.length; at += 64) this.block(data, at)
    this.rest.set(data.subarray(at))
    this.held = data.length - at
    return this
  }

  block(d, at) {
    const w = this.w, h = this.h
    for (let i = 0; i < 16; i++, at += 4) w[i] = d[at] << 24 | d[at + 1] << 16 | d[at + 2] << 8 | d[at + 3]
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15], y = w[i - 2]
      w[i] = w[i - 16] + w[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10)
    }
    let a = h[0], b = h[1], c = h[2], e = h[4], f = h[5], g = h[6], k = h[7], q = h[3]
    for (let i = 0; i < 64; i++) {
      const one = k + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K256[i] + w[i] | 0
      const two = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c) | 0
      k = g; g = f; f = e; e = q + one | 0; q = c; c = b; b = a; a = one + two | 0
    }
    h[0] += a; h[1] += b; h[2] += c; h[3] += q; h[4] += e; h[5] += f; h[6] += g; h[7] += k
  }

  hex() {
    const tail = new Uint8Array((this.held < 56 ? 64 : 128) - this.held)
    tail[0] = 0x80
    const view = new DataView(tail.buffer), length = this.length
    view.setUint32(tail.length - 8, Math.floor(length / 0x20000000))
    view.setUint32(tail.length - 4, length << 3 >>> 0)
    this.update(tail)
    return Array.from(this.h, (x) => x.toString(16).padStart(8, '0')).join('')
  }
}

const hashOf = (bytes) => new SHA256().update(bytes).hex()

// pour hands a file on in blocks. One that is longer than it says is no file: what
// is packed may become as long as it likes.
async function pour(file, each) {
  const reader = file.stream().getReader()
  let read = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    if ((read += value.length) > file.size) {
      reader.cancel().catch(() => {})
      throw new Error('long')
    }
    each(value)
  }
}

// hashFile hashes a file of the bag; told hears how many bytes were read.
async function hashFile(file, told) {
  const sum = new SHA256()
  await pour(file, (value) => { sum.update(value); told(value.length) })
  return sum.hex()
}
