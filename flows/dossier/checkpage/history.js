// The history: every line names the hash of the one before.
'use strict'

// entry reads one line; null = it is none.
function entry(line) {
  try {
    const e = JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(line))
    const n = e.n ?? 0, prev = e.prev ?? '', what = e.what ?? '', args = e.args ?? {}
    if (!Number.isInteger(n) || typeof prev !== 'string' || typeof what !== 'string' || typeof args !== 'object' || Array.isArray(args) || isNaN(Date.parse(e.at))) return null
    return { n, prev, what, head: typeof args.head === 'string' ? args.head : '' }
  } catch { return null }
}

// checkHistory demands of lines that each follows the one before, up to the one that
// the bag's description names (count and hash; '' = it names none).
function checkHistory(raw, said) {
  const out = { state: 'ok', n: 0, of: parseInt(said, 10) || 0, head: '' }
  const bad = (state) => ({ ...out, state })
  let first = 0, linked = false
  for (let from = 0, to; from < raw.length; from = to + 1) {
    to = raw.indexOf(10, from)
    out.n++
    const line = raw.subarray(from, to < 0 ? raw.length : to), e = to < 0 ? null : entry(line)
    if (!e) return bad('unread')
    if (out.n === 1) {
      first = Math.max(e.n, 1)
      if (e.prev !== '' || first > 1 && e.what !== 'sealed') return bad('begin')
      if (e.what === 'sealed') { // stands for older lines, and names the hash of their last
        linked = true
        out.head = e.head
        continue
      }
    } else if (!(e.prev === '' && e.n === 0 && !linked) && (e.prev !== out.head || e.n !== first + out.n - 1)) return bad('broken')
    linked = linked || e.n > 0
    out.head = hashOf(line)
  }
  if (said !== '' && said !== out.n + ' ' + out.head) return bad(out.n < out.of ? 'short' : 'other')
  return out
}
