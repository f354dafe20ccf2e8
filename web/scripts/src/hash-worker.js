// Reckons SHA-256 beside the page, so that it stays alive. Messages in:
//   {id, job: 'whole' | 'print', file}   {id, job: 'stop'}
// and out: {id, sum} (hex) or {id, error}. "print" is the hash of size, first and
// last MB: by it a file is known again without being read whole.
import { createSHA256 } from 'hash-wasm'

const step = 4 << 20
const edge = 1 << 20
const stopped = new Set()

async function read(hash, file, from, to, id) {
  for (let at = from; at < to; at += step) {
    if (stopped.has(id)) return false
    hash.update(new Uint8Array(await file.slice(at, Math.min(at + step, to)).arrayBuffer()))
  }
  return true
}

async function reckon({ id, job, file }) {
  const hash = await createSHA256()
  hash.init()
  let all = true
  if (job === 'print') {
    hash.update(`${file.size}\n`)
    await read(hash, file, 0, Math.min(edge, file.size), id)
    all = await read(hash, file, Math.max(edge, file.size - edge), file.size, id)
  } else {
    all = await read(hash, file, 0, file.size, id)
  }
  return all ? hash.digest('hex') : null
}

self.onmessage = async ({ data }) => {
  if (data.job === 'stop') {
    stopped.add(data.id)
    return
  }
  try {
    const sum = await reckon(data)
    if (sum) self.postMessage({ id: data.id, sum })
  } catch (err) {
    self.postMessage({ id: data.id, error: err?.name || 'Error' })
  }
  stopped.delete(data.id)
}
