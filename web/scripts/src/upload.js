// The uploader. It takes over every
//   <div data-upload data-grant="…" [data-slot="…"] [data-accept="video/*,.pdf"]>…</div>
// and replaces what stands in it, which is the form for browsers without scripts.
//   data-grant   code of the grant (required)
//   data-slot    id of the exhibit slot the files are for; only that slot's files
//                are listed. Without it: all files of the grant.
//   data-accept  what the file dialog offers, as in <input accept>
//   data-listed  the page lists the case's files itself
// Words, limits and what was uploaded before come from /upload/<grant>/state.
// Events on the div, both bubbling:
//   clipcase:received  detail {id, name}: whole, and compared with what was sent
//   clipcase:taken     detail {id, name, line}: the case knows it
import { Awake } from './awake.js'
import { Hashing } from './hashing.js'
import { accepts } from './kinds.js'
import { element, Row } from './row.js'
import { takeBack, Transfer } from './transfer.js'
import { bytes, words } from './words.js'

const atOnce = 2
const pollFirst = 1000
const pollMost = 5000
const hashing = new Hashing()
const awake = new Awake()

class Uploader {
  constructor(root) {
    this.root = root
    this.grant = root.dataset.grant
    this.slot = root.dataset.slot || ''
    this.accept = root.dataset.accept || 'video/*,image/*,.pdf'
    this.transfers = []
    this.rows = new Map() // by transfer, or by id of what was there before
    this.told = new Set()
    this.hashing = hashing
    this.server = { uploads: [] }
  }

  async begin() {
    const there = await this.lookup(true)
    if (!there) return // the form stays
    this.say = words(this.server.words)
    this.build()
    this.before()
    this.tick = setInterval(() => this.paint(), 1000)
    for (const kind of ['online', 'focus', 'pageshow']) window.addEventListener(kind, () => this.nudge())
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.nudge())
    window.addEventListener('offline', () => this.paint())
    window.addEventListener('beforeunload', (e) => {
      if (this.transfers.some((t) => t.pending)) {
        e.preventDefault()
        e.returnValue = this.say('leave')
      }
    })
    this.poll()
  }

  // lookup asks how things stand: true, or false when the grant is no longer good.
  // Rejects when there is no answer.
  async lookup(withWords = false) {
    const also = this.transfers.map((t) => t.id).filter(Boolean).join() // begun under an older link, perhaps
    const res = await fetch(`/upload/${this.grant}/state?also=${also}${withWords ? '&words=1' : ''}`, { cache: 'no-store', credentials: 'same-origin' })
    if (res.status === 404) return false
    if (!res.ok) throw new Error(String(res.status))
    this.server = { words: this.server.words, ...(await res.json()) }
    return true
  }

  build() {
    const id = `choose-${Math.random().toString(36).slice(2)}`
    this.input = element('input', { type: 'file', multiple: true, id, accept: this.accept, class: 'upload-input' })
    this.input.addEventListener('change', () => {
      this.add([...this.input.files])
      this.input.value = '' // so that the same file can be chosen again
    })
    this.label = element('label', { for: id, class: 'button act' }, this.say('choose'))
    this.hint = element('p', { class: 'upload-drop' }, this.say('drop'))
    this.zone = element('div', { class: 'upload-zone' }, this.input, this.label, this.hint)
    this.notice = element('p', { class: 'note', role: 'status', hidden: true })
    this.waiting = element('div', { class: 'note upload-waiting', hidden: true })
    this.list = element('ul', { class: 'upload-list', 'aria-label': this.say('list') })
    this.root.replaceChildren(this.zone, this.notice, this.waiting, this.list)
    const over = (on) => (e) => {
      if (![...(e.dataTransfer?.types ?? [])].includes('Files')) return
      e.preventDefault()
      this.zone.classList.toggle('over', on)
    }
    for (const kind of ['dragenter', 'dragover']) this.root.addEventListener(kind, over(true))
    for (const kind of ['dragleave', 'drop']) this.root.addEventListener(kind, over(false))
    this.root.addEventListener('drop', (e) => this.add([...(e.dataTransfer?.files ?? [])]))
    for (const kind of ['dragover', 'drop']) window.addEventListener(kind, (e) => e.preventDefault()) // a miss must not open the file
  }

  // mine lists what the server has for this grant and slot.
  mine() {
    return this.server.uploads.filter((u) => !this.slot || u.slot === this.slot)
  }

  // before lists what was uploaded before this page was opened, but for what the
  // page itself lists with the case's other files.
  before() {
    for (const u of this.mine().slice().reverse()) {
      if (this.root.dataset.listed !== undefined && u.state === 'taken') continue
      if (u.state === 'receiving' || this.rows.has(u.id) || this.transfers.some((t) => t.id === u.id)) continue
      const row = new Row(this.say, u.name, u.bytes, {})
      this.rows.set(u.id, row)
      this.list.prepend(row.node)
      row.ended()
      this.fate(row, u)
    }
    this.unfinished()
  }

  // unfinished names the files to be chosen once more.
  unfinished() {
    const open = this.mine().filter((u) => u.state === 'receiving' && u.print && !this.transfers.some((t) => t.id === u.id || (t.print === u.print && t.file.size === u.bytes)))
    this.waiting.hidden = !open.length
    const key = open.map((u) => u.id + u.offset).join()
    if (key === this.shown) return
    this.shown = key
    this.waiting.replaceChildren(
      element('p', {}, this.say('again_why', { count: open.length })),
      element(
        'ul',
        {},
        ...open.map((u) =>
          element(
            'li',
            {},
            this.say('same_file', { name: u.name, done: bytes(u.offset), bytes: bytes(u.bytes) }),
            ' ',
            element('button', { type: 'button', 'aria-label': `${this.say('remove')} – ${this.say('of_file', { name: u.name })}`, onclick: () => this.forget(u.id) }, this.say('remove')),
          ),
        ),
      ),
    )
  }

  async forget(id) {
    await takeBack(this.grant, id)
    this.server.uploads = this.server.uploads.filter((u) => u.id !== id)
    this.unfinished()
  }

  add(files) {
    this.note('')
    for (const file of files) {
      const open = this.transfers.filter((t) => t.state !== 'removed')
      const again = open.find((t) => same(t.file, file))
      if (again && (again.state === 'unreadable' || again.state === 'failed')) {
        this.removed(again)
      } else if (again) {
        this.note(this.say('twice'))
        continue
      }
      const why = this.refuse(file)
      const transfer = new Transfer(file, this)
      const row = new Row(this.say, file.name, file.size, {
        pause: () => transfer.pause(),
        resume: () => transfer.resume(),
        retry: () => transfer.start(),
        remove: () => this.remove(transfer),
      })
      this.rows.set(transfer, row)
      this.list.append(row.node)
      if (why) {
        row.ended()
        row.tell(why, 'bad')
        row.offer('remove')
        continue
      }
      this.transfers.push(transfer)
      this.changed(transfer)
    }
  }

  refuse(file) {
    if (!file.size) return this.say('empty')
    if (file.size > this.server.max_file) return this.say('too_big', { limit: bytes(this.server.max_file) })
    if (!accepts(this.accept, file)) return this.say('kind')
    const there = new Set([...this.mine().map((u) => u.id), ...this.transfers.map((t) => t.id || t)])
    if (this.server.files && there.size >= this.server.files) return this.say('files_most', { count: this.server.files })
    return ''
  }

  // known is the unfinished upload of the same file on the server; '' = none.
  known(transfer) {
    if (!transfer.print) return ''
    const used = new Set(this.transfers.filter((t) => t !== transfer).map((t) => t.id))
    const found = this.mine().find((u) => u.state === 'receiving' && u.print === transfer.print && u.bytes === transfer.file.size && !used.has(u.id))
    return found ? found.id : ''
  }

  shrunk(size) {
    this.note(this.say('smaller', { bytes: bytes(size) }))
  }

  note(text) {
    this.notice.textContent = text
    this.notice.hidden = !text
  }

  async remove(transfer) {
    await transfer.remove()
    this.removed(transfer)
    this.changed(transfer)
  }

  removed(transfer) {
    const row = this.rows.get(transfer)
    this.rows.delete(transfer)
    this.transfers = this.transfers.filter((t) => t !== transfer)
    if (row?.node.contains(document.activeElement)) this.input.focus()
    row?.node.remove()
  }

  // changed is called by transfers; moved = only bytes moved.
  changed(transfer, moved = false) {
    const row = this.rows.get(transfer)
    if (row) this.draw(transfer, row)
    if (moved) return
    this.unfinished()
    let room = atOnce - this.transfers.filter((t) => t.active).length
    for (const t of this.transfers) {
      if (room > 0 && t.state === 'waiting') {
        room--
        t.start()
      }
    }
    awake.want(this.transfers.some((t) => t.pending))
    if (transfer.state === 'checking') this.poll(true)
  }

  draw(t, row) {
    row.progress(t)
    switch (t.state) {
      case 'paused':
        row.tell(this.say('paused'))
        return row.offer('resume', 'remove')
      case 'retry':
        row.tell(t.text || this.say('retry', { seconds: Math.max(1, Math.ceil((t.retryAt - Date.now()) / 1000)) }))
        return row.offer('pause', 'remove', 'retry') // in the places they have while it is sent
      case 'offline':
      case 'slow':
        row.tell(this.say(t.state))
        return row.offer('pause', 'remove', 'retry') // in the places they have while it is sent
      case 'damaged':
        row.tell(this.say('damaged'), 'bad')
        return row.offer('remove')
      case 'failed':
        row.tell(t.text || this.say('failed'), 'bad')
        return row.offer('remove')
      case 'expired':
      case 'unreadable':
        row.tell(this.say(t.state), 'bad')
        return row.offer('remove')
      case 'checking':
        return this.checked(t, row)
      default:
        row.tell(this.say(t.state))
        row.offer('pause', 'remove')
    }
  }

  // checked: everything is sent; now the server's word counts.
  checked(t, row) {
    row.offer()
    const u = this.server.uploads.find((one) => one.id === t.id)
    if (!u || u.state === 'receiving' || t.sum === null) return row.tell(this.say('checking'))
    row.ended()
    this.fate(row, u, t.sum)
  }

  // fate says what became of a whole file. sum is what this browser reckoned.
  fate(row, u, sum = '') {
    const exact = u.same || (sum && sum === u.sha256)
    const lines = [u.line || this.say('received')]
    if (exact && u.state !== 'refused') lines.push(this.say('exact'))
    row.tell(lines.join('\n'), u.state === 'refused' ? 'bad' : u.state === 'taken' ? 'good' : '')
    this.announce(u)
  }

  announce(u) {
    for (const [kind, now] of [['received', true], ['taken', u.state === 'taken']]) {
      const key = kind + u.id
      if (!now || this.told.has(key)) continue
      this.told.add(key)
      this.root.dispatchEvent(new CustomEvent(`clipcase:${kind}`, { bubbles: true, detail: { id: u.id, name: u.name, line: u.line || '' } }))
    }
  }

  nudge() {
    for (const t of this.transfers) t.nudge()
    this.poll(true)
  }

  // poll asks for news as long as some are awaited.
  poll(soon = false) {
    if (soon) this.pause = pollFirst
    clearTimeout(this.poller)
    const ids = new Set(this.transfers.filter((t) => t.state === 'checking').map((t) => t.id))
    const awaited = this.mine().some((u) => u.state === 'received') || [...ids].some((id) => !this.mine().some((u) => u.id === id && u.state !== 'receiving'))
    if (!awaited) return
    this.poller = setTimeout(async () => {
      this.pause = Math.min(pollMost, (this.pause || pollFirst) * 1.3)
      await this.lookup().catch(() => {}) // asked again below
      this.paint()
      this.poll()
    }, this.pause || pollFirst)
  }

  paint() {
    for (const t of this.transfers) {
      const row = this.rows.get(t)
      if (row) this.draw(t, row)
    }
    for (const u of this.mine()) {
      const row = this.rows.get(u.id)
      if (row) this.fate(row, u)
    }
    this.unfinished()
  }
}

function same(a, b) {
  return a.name === b.name && a.size === b.size && a.lastModified === b.lastModified
}

for (const root of document.querySelectorAll('[data-upload]')) {
  new Uploader(root).begin().catch((err) => console.error('upload', err)) // the form stays
}
