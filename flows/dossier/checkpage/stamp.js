// Time stamps of RFC 3161: of what they are, by whom and when they say it. Whether
// the authority signed them is not checked here.
'use strict'

// der reads one element of DER at a place before end, whose length may not reach
// beyond it.
function der(b, at, end) {
  if (end - at < 2 || (b[at] & 0x1f) === 0x1f) throw new Error('der')
  let length = b[at + 1], from = at + 2
  if (length > 0x7f) {
    const digits = length & 0x7f
    if (digits < 1 || digits > 3 || end - from < digits || b[from] === 0) throw new Error('der')
    length = 0
    for (const last = from + digits; from < last; from++) length = length * 256 + b[from]
    if (length < 0x80) throw new Error('der')
  }
  if (length > end - from) throw new Error('der')
  return { tag: b[at], at, from, end: from + length, raw: b.subarray(at, from + length), body: b.subarray(from, from + length) }
}

// inside lists the elements of one, at most 200.
function inside(b, of) {
  const all = []
  for (let at = of.from; at < of.end; at = all[all.length - 1].end) {
    if (all.length === 200) throw new Error('der')
    all.push(der(b, at, of.end))
  }
  return all
}

const SEQUENCE = 0x30, SET = 0x31, OID = 6, INTEGER = 2, OCTETS = 4
const need = (e, tag) => { if (e?.tag !== tag) throw new Error('der'); return e }
const hexOf = (bytes) => Array.from(bytes, (x) => x.toString(16).padStart(2, '0')).join('')
const SIGNED_DATA = '2a864886f70d010702', TST_INFO = '2a864886f70d0109100104', IS_SHA256 = '608648016503040201'
const COMMON_NAME = '550403', ORGANIZATION = '55040a'

// named is a name in a certificate as people read it: what it is called, and whose it is.
function named(b, name) {
  const found = {}
  for (const set of inside(b, need(name, SEQUENCE))) {
    for (const one of inside(b, need(set, SET))) {
      const [id, value] = inside(b, need(one, SEQUENCE))
      const as = { 12: 'utf-8', 19: 'latin1', 20: 'latin1', 22: 'latin1', 30: 'utf-16be' }[value?.tag]
      if (need(id, OID) && as) found[hexOf(id.body)] ??= new TextDecoder(as).decode(value.body)
    }
  }
  // What turns or hides letters is not shown.
  return [found[COMMON_NAME], found[ORGANIZATION]].filter(Boolean).join(', ').replace(/[\p{C}\u2028\u2029]/gu, '\ufffd').slice(0, 200)
}

// signerOf is the name in the certificate that the signature names; '' = none is there.
function signerOf(b, certificates, signers) {
  const by = inside(b, need(inside(b, signers)[0], SEQUENCE))[1]
  if (!certificates || by?.tag !== SEQUENCE) return ''
  const [issuer, serial] = inside(b, by)
  for (const c of inside(b, certificates)) {
    if (c.tag !== SEQUENCE) continue
    const told = inside(b, need(inside(b, c)[0], SEQUENCE))
    if (told[0]?.tag === 0xa0) told.shift() // its version
    if (told.length > 4 && same(told[0].raw, serial.raw) && same(told[2].raw, issuer.raw)) return named(b, told[4])
  }
  return ''
}

// momentOf reads a GeneralizedTime: milliseconds.
function momentOf(bytes) {
  const m = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z$/.exec(String.fromCharCode(...bytes.subarray(0, 40)))
  const at = m ? Date.UTC(m[1], m[2] - 1, m[3], m[4], m[5], m[6]) : NaN
  if (isNaN(at) || new Date(at).toISOString().replace(/\D/g, '').slice(0, 14) !== m.slice(1, 7).join('')) throw new Error('time')
  return at
}

// readStamp reads an authority's answer. It throws at all that is not one that gives a
// stamp, and bears any bytes.
function readStamp(b) {
  const answer = der(b, 0, b.length)
  const [status, token] = inside(b, need(answer, SEQUENCE))
  const said = need(inside(b, need(status, SEQUENCE))[0], INTEGER).body
  if (answer.end !== b.length || said.length !== 1 || said[0] > 1) throw new Error('refused')
  const [kind, content] = inside(b, need(token, SEQUENCE))
  if (hexOf(need(kind, OID).body) !== SIGNED_DATA) throw new Error('kind')
  const signed = inside(b, need(inside(b, need(content, 0xa0))[0], SEQUENCE))
  const [what, holds] = inside(b, need(signed[2], SEQUENCE))
  if (hexOf(need(what, OID).body) !== TST_INFO) throw new Error('kind')
  const text = need(inside(b, need(holds, 0xa0))[0], OCTETS)
  const info = der(b, text.from, text.end), told = inside(b, need(info, SEQUENCE))
  if (info.end !== text.end) throw new Error('der')
  const [algorithm, digest] = inside(b, need(told[2], SEQUENCE))
  if (hexOf(need(inside(b, need(algorithm, SEQUENCE))[0], OID).body) !== IS_SHA256 || need(digest, OCTETS).body.length !== 32) throw new Error('hash')
  const out = { digest: hexOf(digest.body), time: momentOf(need(told[4], 0x18).body), authority: '' }
  out.authority = signerOf(b, signed.find((e) => e.tag === 0xa0), need(signed[signed.length - 1], SET))
  const own = told.find((e) => e.tag === 0xa0) // how the authority calls itself
  if (!out.authority && own) {
    const name = der(b, own.from, own.end)
    if (name.tag === 0xa4) out.authority = named(b, der(b, name.from, name.end))
  }
  return out
}

// checkStamp says of a stamp what it is of: over is what may be stamped, by hash.
function checkStamp(path, raw, over) {
  try {
    const s = readStamp(raw), of = over.get(s.digest)
    return of ? { path, state: 'ok', of, ...s } : { path, state: 'other', ...s }
  } catch { return { path, state: 'unread' } }
}
