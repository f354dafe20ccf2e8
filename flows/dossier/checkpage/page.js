// What people see of the check.
'use strict'

const WORDS = JSON.parse(document.getElementById('words').textContent)
let lang = WORDS.first, last = null

const say = (key, args = {}) => (WORDS[lang][key] || key).replace(/\{(\w+)\}/g, (_, name) => args[name] ?? '')
const $ = (id) => document.getElementById(id)

// put makes an element; words of strangers are only ever set as text.
function put(into, tag, words, kind) {
  const e = document.createElement(tag)
  if (words !== undefined) e.textContent = words
  if (kind) e.className = kind
  into.append(e)
  return e
}

function words() {
  document.documentElement.lang = lang
  document.title = say('title')
  for (const e of document.querySelectorAll('[data-say]')) e.textContent = say(e.dataset.say)
  if (last) show(last)
}

const clock = (s) => { const t = Math.round(s * 10) / 10, m = Math.floor(t / 60); return String(m).padStart(2, '0') + ':' + String(Math.floor(t % 60)).padStart(2, '0') + (t % 1 ? '.' + Math.round(t % 1 * 10) : '') }

// verdictOf is what all of it comes to: the mark, and the words.
function verdictOf(r) {
  switch (true) {
    case !r: return ['bad', 'notbag']
    case r.ok: return ['good', 'good']
    case !r.files: return ['bad', 'bad']
    case r.signature === 'bad' || r.signature === 'missing': return ['bad', 'badsign']
    case !r.proof: return ['bad', 'badproof']
    default: return ['unsure', r.signature === 'none' ? 'unsigned' : 'unable']
  }
}

function verdict(r) {
  const v = $('verdict'), [mark, key] = verdictOf(r)
  v.hidden = false
  v.className = v.dataset.verdict = mark
  $('said').textContent = say('verdict.' + key)
  const note = $('note')
  note.replaceChildren()
  if (r?.key) {
    put(note, 'p', say('key'))
    put(note, 'p', r.key.fingerprint, 'print')
    put(note, 'p', say('key.compare'))
  }
}

// moment is how documents tell moments.
const moment = (ms) => new Date(ms + 8 * 3600000).toISOString().slice(0, 19).replace('T', ' ') + ' (UTC+08:00)'

// proofs tells the history and every time stamp.
function proofs(r) {
  const list = $('proofs')
  list.replaceChildren()
  const row = (kind, words, ...codes) => {
    const li = put(list, 'li', undefined, kind)
    put(li, 'b', words)
    for (const c of codes) if (c) put(li, 'code', c)
  }
  const h = r.history
  row(h.state === 'ok' || h.state === 'none' ? 'ok' : 'changed', say('history.' + h.state, h), h.state === 'ok' && h.head)
  for (const s of r.stamps) {
    const o = s.of?.original, name = o ? o.name || o.file : say('stamp.list')
    row(s.state === 'ok' ? 'ok' : 'changed', say('stamp.' + s.state, { name, t: s.time !== undefined ? moment(s.time) : '', a: s.authority || say('stamp.nobody') }), s.path, s.digest)
  }
  if (r.stamps.length === 0) row('ok', say('stamp.none'))
  $('stamped').hidden = r.stamps.length === 0
}

function show(r) {
  last = r
  verdict(r)
  $('more').hidden = !r
  if (!r) return
  proofs(r)
  const files = $('files')
  files.replaceChildren()
  const order = { changed: 0, record: 0, missing: 1, extra: 2, ok: 3 }
  for (const row of [...r.rows].sort((a, b) => order[a.state] - order[b.state])) {
    const li = put(files, 'li', undefined, row.state)
    put(li, 'b', say('state.' + row.state))
    put(li, 'span', ' ' + row.path)
    if (row.hash) put(li, 'code', row.hash)
  }
  const pieces = $('pieces')
  pieces.replaceChildren()
  const names = new Map((r.record?.originals || []).map((o) => [o.sha256, o.name || o.file]))
  for (const p of r.record?.pieces || []) {
    const of = p.of
    if (of.length === 0) continue
    const li = put(pieces, 'li')
    put(li, 'b', p.file)
    put(li, 'span', ' ' + say('from', { name: of.map((h) => names.get(h) || h).join(' + ') }))
    if (p.range) put(li, 'span', ' ' + (p.range[0] === p.range[1] ? say('at', { t: clock(p.range[0]) }) : say('range', { a: clock(p.range[0]), b: clock(p.range[1]) })))
    for (const h of of) put(li, 'code', h)
  }
  $('made').hidden = pieces.children.length === 0
  $('lines').textContent = commands(r).join('\n')
}

// commands are the lines that do the same without this page.
function commands(r) {
  const quote = (s) => "'" + s.replaceAll("'", "'\\''") + "'"
  const plain = (s) => !/[\u0000-\u001f\u007f\u2028\u2029]/.test(s) // else a line is not what it seems
  const out = ['sha256sum -c manifest-sha256.txt', 'sha256sum -c tagmanifest-sha256.txt']
  if (r.key && /^[A-Za-z0-9+\/=]{40,80}$/.test(r.key.line)) for (const name of [LIST, TAGS]) out.push('minisign -V -P ' + r.key.line + ' -m ' + name)
  const originals = r.record?.originals || []
  for (const s of r.stamps) {
    if (!s.of && s.state !== 'other') continue // nothing to hold it against
    const o = s.of?.original
    if (!plain(s.path) || o && !plain(o.file)) continue
    const over = !o ? '-data ' + (s.of?.list || LIST + '.minisig') : o.absent ? '-digest ' + o.sha256 : '-data ' + quote(o.file)
    out.push('openssl ts -verify ' + over + ' -in ' + quote(s.path) + ' -untrusted ' + quote(s.path.replace(/\.tsr$/, '.pem')) + ' -CAfile ROOT.pem')
  }
  return out
}

async function run(input) {
  if (input.files.length === 0) return
  $('verdict').hidden = $('more').hidden = true
  $('bar').hidden = false
  try {
    if (hashOf(new TextEncoder().encode('abc')) !== 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad') throw new Error('sha256')
    const result = await check(input.files, (done) => { $('bar').value = done })
    show(result)
  } catch {
    show(null)
  }
  $('bar').hidden = true
}

for (const id of ['folder', 'several']) $(id).addEventListener('change', (e) => run(e.target))
for (const b of document.querySelectorAll('[data-lang]')) b.addEventListener('click', () => { lang = b.dataset.lang; words() })
if (!('webkitdirectory' in $('folder'))) $('byfolder').hidden = true
words()
