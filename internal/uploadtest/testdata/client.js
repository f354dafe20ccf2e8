// Plays a client of the tus protocol against a server of ours and exits with 1 at
// the first thing that is not as it must be. Arguments: path of tus-js-client,
// address, my grant, another person's, an expired one.
const assert = require('node:assert/strict')
const crypto = require('node:crypto')
const [path, address, mine, foreign, expired] = process.argv.slice(2)
const tus = require(path)
const endpoint = `${address}/files/`
const ran = []

// upload sends data and gives {url} or {status, body} of what went wrong.
function upload(data, options = {}, act = () => {}) {
  return new Promise((resolve) => {
    const u = new tus.Upload(data, {
      endpoint,
      retryDelays: null,
      chunkSize: 256 * 1024,
      headers: { 'Upload-Grant': mine },
      metadata: { filename: '录屏.mp4', filetype: 'video/mp4' },
      ...options,
      onSuccess: () => resolve({ url: u.url }),
      onError: (err) => resolve({ url: u.url, status: err.originalResponse?.getStatus() ?? 0, body: err.originalResponse?.getBody() ?? String(err) }),
      onChunkComplete: (size, done) => act(u, done, resolve),
    })
    u.start()
  })
}

function raw(method, url, headers = {}, body) {
  return fetch(url, { method, body, headers: { 'Tus-Resumable': '1.0.0', 'Upload-Grant': mine, ...headers } })
}

async function offset(url, grant = mine) {
  const res = await raw('HEAD', url, { 'Upload-Grant': grant })
  return { status: res.status, offset: Number(res.headers.get('Upload-Offset')) }
}

const patch = { 'Content-Type': 'application/offset+octet-stream' }

const checks = {
  async create() {
    const data = crypto.randomBytes(1_000_000)
    const sum = crypto.createHash('sha256').update(data).digest('hex')
    const got = await upload(data, { onBeforeRequest: (req) => req.setHeader('Upload-Sum', sum) })
    assert.match(new URL(got.url).pathname, /^\/files\/[a-z2-7]{26}$/)
    assert.equal((await offset(got.url)).offset, data.length)
    const state = await (await fetch(`${address}/upload/${mine}/state`)).json()
    assert.equal(state.uploads[0].sha256, sum)
    assert.equal(state.uploads[0].same, true)
  },

  async resume() {
    const data = crypto.randomBytes(1_000_000)
    const cut = await upload(data, {}, (u, done, resolve) => {
      if (done >= 512 * 1024) u.abort().then(() => resolve({ url: u.url, cut: done }))
    })
    assert.equal((await offset(cut.url)).offset, cut.cut)
    let first = -1
    const got = await upload(data, {
      uploadUrl: cut.url,
      onBeforeRequest: (req) => {
        if (req.getMethod() === 'PATCH' && first < 0) first = Number(req.getHeader('Upload-Offset'))
      },
    })
    assert.equal(got.url, cut.url)
    assert.equal(first, cut.cut)
    const state = await (await fetch(`${address}/upload/${mine}/state`)).json()
    assert.ok(state.uploads.some((u) => u.sha256 === crypto.createHash('sha256').update(data).digest('hex')))
  },

  async 'wrong offset'() {
    const res = await raw('POST', endpoint, { 'Upload-Length': '100' })
    const url = new URL(res.headers.get('Location'), endpoint).href
    assert.equal((await raw('PATCH', url, { ...patch, 'Upload-Offset': '50' }, 'x')).status, 409)
    assert.equal((await offset(url)).offset, 0)
  },

  async 'too large'() {
    const got = await upload(Buffer.alloc(10), { uploadSize: 2 ** 31 + 1 })
    assert.equal(got.status, 413)
    const res = await raw('POST', endpoint, { 'Upload-Length': '10' })
    const url = new URL(res.headers.get('Location'), endpoint).href
    assert.equal((await raw('PATCH', url, { ...patch, 'Upload-Offset': '0' }, Buffer.alloc(11))).status, 413)
  },

  async 'deferred length'() {
    const got = await upload(Buffer.alloc(5000), { uploadLengthDeferred: true })
    assert.equal(got.status, 501)
    assert.equal(got.url, null)
  },

  async 'foreign id'() {
    const res = await raw('POST', endpoint, { 'Upload-Length': '100' })
    const url = new URL(res.headers.get('Location'), endpoint).href
    const none = `${endpoint}${'z'.repeat(26)}`
    for (const [method, headers] of [['HEAD', {}], ['PATCH', { ...patch, 'Upload-Offset': '0' }], ['DELETE', {}], ['GET', {}]]) {
      const as = { ...headers, 'Upload-Grant': foreign }
      const [theirs, absent] = [await raw(method, url, as, method === 'PATCH' ? 'x' : undefined), await raw(method, none, as, method === 'PATCH' ? 'x' : undefined)]
      assert.equal(theirs.status, 404)
      assert.equal(absent.status, 404)
      assert.equal(await theirs.text(), await absent.text())
      assert.equal((await fetch(url, { method, headers: { 'Tus-Resumable': '1.0.0', ...headers } })).status, 404)
    }
    assert.equal((await offset(url)).offset, 0)
  },

  async dots() {
    for (const id of ['..%2f', '..%2fescape', `..%2f..%2f${'a'.repeat(26)}`, `${'a'.repeat(25)}%00`, `${'a'.repeat(26)}.json`]) {
      for (const method of ['HEAD', 'PATCH', 'DELETE']) {
        const res = await raw(method, endpoint + id, { ...patch, 'Upload-Offset': '0' }, method === 'PATCH' ? 'x' : undefined)
        assert.equal(res.status, 404, `${method} ${id}`)
      }
    }
  },

  async 'method override'() {
    const got = await upload(crypto.randomBytes(600_000), {}, (u, done, resolve) => {
      u.abort().then(() => resolve({ url: u.url, cut: done }))
    })
    for (const method of ['DELETE', 'PATCH']) {
      const res = await raw('POST', got.url, { 'X-HTTP-Method-Override': method, ...patch, 'Upload-Offset': String(got.cut) }, 'x')
      assert.equal(res.status, 405)
    }
    assert.equal((await offset(got.url)).offset, got.cut)
  },

  async 'expired grant'() {
    const got = await upload(Buffer.alloc(100), { headers: { 'Upload-Grant': expired } })
    assert.equal(got.status, 404)
    const none = await upload(Buffer.alloc(100), { headers: {} })
    assert.equal(none.status, 404)
    assert.equal(none.body, got.body)
  },

  async terminate() {
    const got = await upload(crypto.randomBytes(600_000), {}, (u, done, resolve) => {
      u.abort().then(() => resolve({ url: u.url }))
    })
    await tus.Upload.terminate(got.url, { headers: { 'Upload-Grant': mine } })
    assert.equal((await offset(got.url)).status, 404)
  },

  async damaged() {
    const got = await upload(crypto.randomBytes(1000), { onBeforeRequest: (req) => req.setHeader('Upload-Sum', '0'.repeat(64)) })
    assert.equal(got.status, 460)
    assert.equal((await offset(got.url)).status, 404)
  },
}

;(async () => {
  for (const [name, check] of Object.entries(checks)) {
    await check().catch((err) => {
      console.error(name, err)
      process.exit(1)
    })
    ran.push(name)
  }
  console.log(JSON.stringify(ran))
})()
