// The bag: files as they were chosen, held against the lists.
'use strict'

// entries makes files of what was chosen: { path, size, stream() }; path is below
// the bag, or just a name where the browser does not tell folders.
async function entries(chosen) {
  if (chosen.length === 1) {
    const head = new Uint8Array(await chosen[0].slice(0, 2).arrayBuffer())
    if (head[0] === 0x50 && head[1] === 0x4b) return { ...rooted(await unzip(chosen[0])), zip: true }
  }
  const all = Array.from(chosen, (f) => ({ path: (f.webkitRelativePath || f.name).normalize('NFC'), size: f.size, stream: () => f.stream() }))
  return rooted(all)
}

// rooted takes away what stands before bagit.txt.
function rooted(all) {
  const at = all.find((f) => f.path === 'bagit.txt' || f.path.endsWith('/bagit.txt'))
  const root = at ? at.path.slice(0, -'bagit.txt'.length) : ''
  const flat = !all.some((f) => f.path.includes('/')), names = new Set()
  // Without folders several files may have one name.
  if (flat) for (const f of all) { while (names.has(f.path)) f.path += ' (2)'; names.add(f.path) }
  return { flat, outside: all.filter((f) => !f.path.startsWith(root)).map((f) => f.path), files: new Map(all.filter((f) => f.path.startsWith(root)).map((f) => [f.path.slice(root.length), f])) }
}

// unzip lists the files of a ZIP by its list of files.
async function unzip(file) {
  const tail = new DataView(await file.slice(Math.max(0, file.size - 65557)).arrayBuffer())
  let end = tail.byteLength - 22
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--
  if (end < 0) throw new Error('zip')
  let size = tail.getUint32(end + 12, true), at = tail.getUint32(end + 16, true)
  const locator = end - 20
  if (locator >= 0 && tail.getUint32(locator, true) === 0x07064b50) {
    const where = Number(tail.getBigUint64(locator + 8, true))
    const long = new DataView(await file.slice(where, where + 56).arrayBuffer())
    size = Number(long.getBigUint64(40, true)); at = Number(long.getBigUint64(48, true))
  }
  const raw = await file.slice(at, at + size).arrayBuffer(), list = new DataView(raw), all = [], seen = new Set()
  for (let p = 0; p + 46 <= size;) {
    const [method, name, extra, comment] = [10, 28, 30, 32].map((o) => list.getUint16(p + o, true))
    const one = { path: new TextDecoder().decode(new Uint8Array(raw, p + 46, name)).normalize('NFC'), packed: list.getUint32(p + 20, true), size: list.getUint32(p + 24, true), offset: list.getUint32(p + 42, true) }
    for (let x = p + 46 + name; x + 4 <= p + 46 + name + extra; x += 4 + list.getUint16(x + 2, true)) {
      if (list.getUint16(x, true) !== 1) continue
      let y = x + 4
      for (const of of ['size', 'packed', 'offset']) if (one[of] === 0xffffffff) { one[of] = Number(list.getBigUint64(y, true)); y += 8 }
    }
    if (seen.has(one.path) || one.path.split('/').includes('..')) throw new Error('zip')
    seen.add(one.path)
    one.stream = () => content(file, one, method)
    if (!one.path.endsWith('/')) all.push(one)
    p += 46 + name + extra + comment
  }
  return all
}

// content is the stream of one file in a ZIP.
function content(file, one, method) {
  const through = new TransformStream()
  const unpack = async () => {
    const head = new DataView(await file.slice(one.offset, one.offset + 30).arrayBuffer())
    const from = one.offset + 30 + head.getUint16(26, true) + head.getUint16(28, true)
    let stream = file.slice(from, from + one.packed).stream()
    if (method === 8) stream = stream.pipeThrough(new DecompressionStream('deflate-raw'))
    else if (method !== 0) throw new Error('zip')
    await stream.pipeTo(through.writable)
  }
  unpack().catch((e) => through.writable.abort(e).catch(() => {})) // the reader is told by its stream
  return through.readable
}

async function bytesOf(file, most = 16 << 20) {
  if (!file || file.size > most) return null
  const out = new Uint8Array(file.size)
  let at = 0
  await pour(file, (value) => { out.set(value, at); at += value.length })
  return out.subarray(0, at)
}

// small is the same of a file that is there, and nothing where it cannot be read.
const small = (file, most) => bytesOf(file, most).then((bytes) => bytes || new Uint8Array(1), () => new Uint8Array(1))

const text = (bytes) => bytes ? new TextDecoder().decode(bytes) : ''

// parse reads a list: hash by path.
function parse(bytes) {
  const out = new Map()
  for (const line of filled(text(bytes))) {
    const m = /^([0-9a-fA-F]{64})[ \t]+\*?(?:\.\/)?(.+)$/.exec(line)
    if (!m) throw new Error('list')
    out.set(m[2].replace(/%0a/gi, '\n').replace(/%0d/gi, '\r').replace(/%25/g, '%').normalize('NFC'), m[1].toLowerCase())
  }
  return out
}

// infoValue is the first value of a label in bag-info.txt; '' = there is none.
function infoValue(info, label) {
  for (const line of info.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const at = line.indexOf(':')
    if (line.slice(0, Math.max(at, 0)).toLowerCase() === label.toLowerCase()) return line.slice(at + 1).trim()
  }
  return ''
}

// recorded is what the record says, in the form that is used here, whoever wrote it.
function recorded(bytes) {
  const listOf = (x) => Array.isArray(x) ? x.filter((o) => o && typeof o === 'object') : []
  try {
    const r = JSON.parse(text(bytes))
    return {
      case: String(r.case || ''), signer: String(r.signer || ''),
      originals: listOf(r.originals).map((o) => ({ sha256: String(o.sha256), file: String(o.file), name: String(o.name || ''), absent: Boolean(o.absent) })),
      pieces: listOf(r.pieces).map((p) => ({
        sha256: String(p.sha256), file: String(p.file), of: (p.beside ? [p.beside.left, p.beside.right] : [p.original]).filter(Boolean).map(String),
        range: Array.isArray(p.range) && p.range.length === 2 ? p.range.map(Number) : null,
      })),
    }
  } catch { return null }
}

const LIST = 'manifest-sha256.txt', TAGS = 'tagmanifest-sha256.txt', KEY = 'clipcase.pub'

// check holds everything against the lists; progress hears 0..1.
async function check(chosen, progress) {
  const { files, flat, outside, zip } = await entries(chosen)
  const found = (name) => files.get(name) || (flat ? files.get(name.split('/').pop()) : undefined)
  const list = await bytesOf(files.get(LIST)), tags = await bytesOf(files.get(TAGS))
  if (!files.has('bagit.txt') || !list) return null
  const lists = [parse(list), tags ? parse(tags) : new Map()]
  const wanted = new Map([...lists[0], ...lists[1]])
  const rows = [], whole = [...files.values()].reduce((n, f) => n + f.size, 0) || 1
  let read = 0
  const hashed = new Map()
  for (const [path, f] of files) {
    try { hashed.set(path, await hashFile(f, (n) => { read += n; progress(read / whole) })) } catch { hashed.set(path, '') }
  }
  const used = new Set([TAGS, TAGS + '.minisig'])
  for (const [path, want] of wanted) {
    // Without folders a file is known by its hash, then by its name.
    const name = files.has(path) || !flat ? path : [...hashed].find(([n, h]) => h === want && !used.has(n))?.[0] || path.split('/').pop()
    const is = hashed.get(name)
    if (is !== undefined) used.add(name)
    rows.push({ path, file: files.get(name), hash: is, state: is === undefined ? 'missing' : is === want ? 'ok' : 'changed' })
  }
  for (const path of [...files.keys(), ...outside]) if (!used.has(path)) rows.push({ path, file: files.get(path), hash: hashed.get(path), state: 'extra' })
  const out = { rows, zip, record: recorded(await small(found('data/case.json'))), key: null, signature: 'none' }
  const info = text(await small(files.get('bag-info.txt')))
  const promised = infoValue(info, 'Clipcase-Signed') !== '' || Boolean(out.record?.signer) || files.has(LIST + '.minisig')
  if (!files.has(KEY)) out.signature = promised ? 'missing' : 'none'
  else {
    try {
      out.key = readKey(text(await bytesOf(files.get(KEY))))
      out.signature = await canVerify() ? 'ok' : 'unable'
      const [number, kind] = ['External-Identifier', 'Clipcase-Kind'].map((label) => infoValue(info, label))
      for (const [name, content] of [[LIST, list], [TAGS, tags]]) {
        const signature = await bytesOf(files.get(name + '.minisig'))
        if (!signature || !content) out.signature = 'missing'
        else if (out.signature === 'ok') {
          // The comment is signed: it binds the bag's own description to the payload.
          const words = (await signedBy(out.key, content, text(signature)))?.split(/\s+/)
          if (words?.[1] !== number || words[2] !== kind) out.signature = 'bad'
        }
      }
      if (infoValue(info, 'Clipcase-Signed') !== out.key.fingerprint || out.record?.signer && out.record.signer !== out.key.fingerprint) out.signature = 'bad'
    } catch { out.signature = 'bad' }
  }
  agree(out, wanted, infoValue(info, 'External-Identifier'))
  await proof(out, found('history.jsonl'), info, list, files.get(LIST + '.minisig'))
  out.files = rows.every((r) => r.state === 'ok')
  out.ok = out.files && out.proof && out.signature === 'ok'
  return out
}

// agree demands that the record speaks of the files that the lists have.
function agree(out, wanted, number) {
  const rows = new Map(out.rows.map((r) => [r.path, r])), wrong = (path) => {
    const row = rows.get(path)
    if (!row) out.rows.push({ path, state: 'missing' })
    else if (row.state === 'ok') row.state = 'record'
  }
  if (!out.record) return
  if (out.record.case !== number) wrong('data/case.json')
  for (const x of [...out.record.originals.filter((o) => !o.absent), ...out.record.pieces]) {
    const path = x.file.normalize('NFC')
    if (wanted.get(path) !== x.sha256) wrong(path)
  }
}

// proof checks the history, and that every time stamp is of this bag: of the
// signature, of the list or of an original that the record names.
async function proof(out, history, info, list, signature) {
  const said = infoValue(info, 'Clipcase-History')
  out.history = history ? checkHistory(await small(history), said) : { state: said === '' ? 'none' : 'missing' }
  const over = new Map((out.record?.originals || []).map((o) => [o.sha256, { original: o }]))
  over.set(hashOf(list), { list: LIST })
  if (signature) over.set(hashOf(await small(signature)), { list: LIST + '.minisig' })
  out.stamps = []
  for (const r of out.rows) if (r.file && r.path.startsWith('stamps/') && r.path.endsWith('.tsr')) out.stamps.push(checkStamp(r.path, await small(r.file, 64 << 10), over))
  const want = parseInt(infoValue(info, 'Clipcase-Stamped'), 10) || 0
  if (out.stamps.length < want) out.stamps.push({ path: 'stamps/', state: 'missing' })
  out.proof = ['ok', 'none'].includes(out.history.state) && out.stamps.every((s) => s.state === 'ok')
}
