// One file on its way: starts, goes on after every kind of interruption, and says
// how it stands. It never gives up by itself on a bad network.
import { Upload } from 'tus-js-client'
import { chunk, smaller } from './chunks.js'
import { seconds } from './length.js'

const waits = [1, 2, 4, 8, 15, 30] // seconds between tries; the last one for ever
const silence = 60_000 // ms without a byte: the connection is dead, whatever it says
const window_ = 10_000 // ms over which speed is reckoned
const damagedMost = 3

export class Transfer {
  // host: {grant, slot, hashing, known(print, size), lookup(), changed(transfer)}
  constructor(file, host) {
    this.file = file
    this.host = host
    this.state = 'waiting' // reading sending paused offline retry checking done failed expired unreadable damaged
    this.text = '' // words of the server, where it gave some
    this.sent = 0
    this.id = ''
    this.print = ''
    this.sum = null
    this.tries = 0
    this.damaged = 0
    this.stuck = { at: -1, times: 0 }
    this.samples = []
    this.timer = 0
    this.retryAt = 0
    this.run = 0 // grows with every start; what belongs to an older one is ignored
  }

  get active() {
    return this.state === 'reading' || this.state === 'sending'
  }

  // pending: not finished and not given up; it should go on when it can.
  get pending() {
    return this.active || ['waiting', 'offline', 'retry', 'damaged'].includes(this.state)
  }

  async start() {
    this.#end()
    const run = this.run
    this.#set(this.print ? 'sending' : 'reading')
    this.#move(this.sent)
    this.watch = setInterval(() => this.#watch(), 5000)
    try {
      if (!this.print) this.print = await this.host.hashing.print(this.file)
      if (!this.whole) this.whole = this.host.hashing.whole(this.file)
      if (!this.id) {
        await this.host.lookup()
        if (run !== this.run) return
        this.id = this.host.known(this)
      }
      if (!this.id) this.seconds ??= await seconds(this.file) // so that the server can refuse before a byte is sent
    } catch (err) {
      if (run === this.run) this.#trouble(err)
      return
    }
    if (run !== this.run) return
    this.#set('sending')
    this.#send(run)
  }

  #send(run) {
    const size = chunk()
    const mine = (f) => (...args) => run === this.run && f(...args)
    this.tus = new Upload(this.file, {
      endpoint: new URL('/files/', location.href).href,
      uploadUrl: this.id ? new URL(`/files/${this.id}`, location.href).href : null,
      chunkSize: size,
      retryDelays: null,
      storeFingerprintForResuming: false,
      headers: { 'Upload-Grant': this.host.grant },
      metadata: { filename: this.file.name, filetype: this.file.type, slot: this.host.slot, print: this.print, seconds: String(this.seconds ?? 0) },
      onBeforeRequest: (req) => this.#seal(req, size),
      onUploadUrlAvailable: mine(() => (this.id = this.tus.url.split('/').pop())),
      onProgress: mine((sent) => this.#move(sent)),
      onChunkComplete: mine(() => {
        this.tries = 0
        this.stuck.times = 0
      }),
      onSuccess: mine(() => this.#sent()),
      onError: mine((err) => this.#failed(err, size)),
    })
    this.size = size
    this.tus.start()
  }

  // seal sends the hash of the whole file along with its last bytes, so that the
  // server compares before it takes the file.
  async #seal(req, size) {
    if (req.getMethod() !== 'PATCH') return
    const from = Number(req.getHeader('Upload-Offset') ?? -1)
    if (from < 0 || from + size < this.file.size) return
    const sum = await this.whole.sum
    if (sum) req.setHeader('Upload-Sum', sum)
  }

  async #sent() {
    this.#end()
    this.sent = this.file.size
    this.#set('checking')
    this.sum = await this.whole.sum.catch(() => '')
    this.host.changed(this)
  }

  #move(sent) {
    const now = Date.now()
    if (sent !== this.sent || !this.samples.length) this.samples.push({ at: now, sent })
    while (this.samples.length > 2 && now - this.samples[0].at > window_) this.samples.shift()
    this.sent = sent
    this.moved = now
    this.host.changed(this, true)
  }

  // speed in bytes a second; 0 = not known yet.
  get speed() {
    const first = this.samples[0]
    const last = this.samples[this.samples.length - 1]
    if (!first || last.at - first.at < 500) return 0
    return Math.max(0, ((last.sent - first.sent) * 1000) / (Math.max(Date.now(), last.at) - first.at))
  }

  #watch() {
    if (this.state !== 'sending' || Date.now() - this.moved < silence) return
    this.#later('slow')
  }

  async #failed(err, size) {
    const run = this.run
    const res = err.originalResponse
    const status = res ? res.getStatus() : 0
    const said = parse(res)
    this.text = said.text || ''
    switch (true) {
      case status === 413 && said.error === 'too_big':
      case status === 400 && said.error === 'invalid':
        return this.#fail()
      case status === 413:
        return this.#shrink(size)
      case status === 460:
        return this.#again()
      case status === 404 || status === 410 || status === 403:
        return this.#lost(run)
      case status === 409:
        return this.#later('retry') // another tab was faster: what is there is asked anew
      case status === 0:
        return this.#cut(run, size)
    }
    this.#later('retry', status === 507 ? 60 : 0)
  }

  // shrink: something on the way lets no more through at once.
  #shrink(size) {
    if (!smaller(size)) return this.#fail()
    this.host.shrunk(chunk())
    this.start()
  }

  // again: what arrived was damaged; the server has thrown it away.
  #again() {
    this.id = ''
    this.sent = 0
    if (++this.damaged >= damagedMost) return this.#fail()
    this.#later('damaged')
  }

  // lost: the grant or the upload is gone; the state tells which.
  async #lost(run) {
    const there = await this.host.lookup().catch(() => null)
    if (run !== this.run) return
    if (there === false) {
      this.#end()
      return this.#set('expired')
    }
    if (there) {
      this.id = ''
      this.sent = 0
    }
    this.#later('retry')
  }

  // cut: no answer. The file may be unreadable, or a proxy cuts what is too long
  // for it without saying so.
  async #cut(run, size) {
    if (!(await readable(this.file))) return this.#trouble(new Error('NotReadableError'))
    if (run !== this.run) return
    if (navigator.onLine !== false && this.id) {
      this.stuck.times = this.stuck.at === this.id + size ? this.stuck.times + 1 : 1
      this.stuck.at = this.id + size
      if (this.stuck.times >= 3) {
        this.stuck.times = 0
        if (smaller(size)) this.host.shrunk(chunk())
      }
    }
    this.#later(navigator.onLine === false ? 'offline' : 'retry')
  }

  #trouble(err) {
    if (/NotReadable|NotFound/.test(err.message)) {
      this.#end()
      this.#drop()
      return this.#set('unreadable')
    }
    this.#later(navigator.onLine === false ? 'offline' : 'retry')
  }

  // later tries again by itself, forever, ever more slowly.
  #later(state, least = 0) {
    this.#end()
    const wait = Math.max(least, waits[Math.min(this.tries++, waits.length - 1)])
    this.retryAt = Date.now() + wait * 1000
    this.#set(state)
    this.timer = setTimeout(() => this.start(), wait * 1000)
  }

  // nudge: the network or the page is back; do not wait for the timer.
  nudge() {
    if (['offline', 'retry', 'slow'].includes(this.state)) this.start()
    else if (this.state === 'sending' && Date.now() - this.moved > 5000) this.start()
  }

  pause() {
    this.#end()
    this.#set('paused')
  }

  resume() {
    this.tries = 0
    this.#set('waiting')
  }

  // remove ends it and takes back what is on the server.
  async remove() {
    this.#end()
    this.#drop()
    this.state = 'removed'
    if (this.id && this.sent < this.file.size) await takeBack(this.host.grant, this.id)
  }

  #fail() {
    this.#end()
    this.#drop()
    this.#set('failed')
  }

  #drop() {
    this.whole?.stop()
    this.whole = null
  }

  #end() {
    this.run++
    clearTimeout(this.timer)
    clearInterval(this.watch)
    this.samples = []
    this.tus?.abort().catch(() => {})
    this.tus = null
  }

  #set(state) {
    this.state = state
    this.host.changed(this)
  }
}

// takeBack removes an unfinished upload from the server; if that fails, the server
// does so by itself a day later.
export function takeBack(grant, id) {
  return fetch(`/files/${id}`, { method: 'DELETE', headers: { 'Upload-Grant': grant, 'Tus-Resumable': '1.0.0' } }).catch(() => {})
}

async function readable(file) {
  try {
    await file.slice(0, 1).arrayBuffer()
    return true
  } catch {
    return false
  }
}

function parse(res) {
  try {
    return JSON.parse(res?.getBody() || '{}') || {}
  } catch {
    return {} // a proxy's own page
  }
}
