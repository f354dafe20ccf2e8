// One line of the list: a file, how far it is, and what can be done about it.
import { bytes, left } from './words.js'

export function element(tag, props = {}, ...children) {
  const e = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (name === 'class') e.className = value
    else if (name.startsWith('aria-') || name === 'role' || name === 'for') e.setAttribute(name, value)
    else e[name] = value
  }
  e.append(...children)
  return e
}

export class Row {
  // does: {pause, resume, retry, remove}, each called without arguments
  constructor(say, name, size, does) {
    this.say = say
    this.name = name
    this.does = does
    const id = `file-${(Row.count = (Row.count ?? 0) + 1)}`
    this.title = element('strong', { id }, name)
    this.size = element('span', { class: 'upload-size' }, bytes(size))
    this.bar = element('progress', { max: Math.max(1, size), value: 0, 'aria-labelledby': id })
    this.numbers = element('p', { class: 'upload-numbers' })
    this.status = element('p', { class: 'upload-status', 'aria-live': 'polite' })
    this.buttons = element('div', { class: 'upload-buttons' })
    this.node = element('li', {}, element('p', { class: 'upload-name' }, this.title, ' ', this.size), this.bar, this.numbers, this.status, this.buttons)
    this.offered = ''
    this.known = {}
  }

  // offer shows buttons: names of what can be done now. What is offered before and
  // after stays the same button, so that it can be pressed while others come and go.
  offer(...names) {
    const wanted = names.join()
    if (wanted === this.offered) return
    this.offered = wanted
    const labels = { pause: 'pause', resume: 'resume', retry: 'retry_now', remove: 'remove' }
    const focused = document.activeElement
    const had = this.buttons.contains(focused)
    this.buttons.replaceChildren(
      ...names.map((name) => {
        const label = this.say(labels[name])
        this.known[name] ??= element('button', { type: 'button', onclick: this.does[name], 'aria-label': `${label} – ${this.say('of_file', { name: this.name })}` }, label)
        return this.known[name]
      }),
    )
    if (had) (names.map((name) => this.known[name]).find((b) => b === focused) ?? this.buttons.firstElementChild)?.focus()
  }

  // tell sets the words of the state; kind is '', 'good' or 'bad'.
  tell(text, kind = '') {
    if (this.status.textContent !== text) this.status.textContent = text
    this.status.className = `upload-status ${kind}`.trim()
  }

  progress(transfer) {
    const { sent, file, speed } = transfer
    this.bar.value = sent
    const parts = [this.say('progress', { done: bytes(sent), bytes: bytes(file.size) })]
    if (transfer.state === 'sending' && speed > 0) {
      parts.push(this.say('speed', { speed: bytes(speed) }))
      const rest = left(this.say, (file.size - sent) / speed)
      if (rest) parts.push(rest)
    }
    this.numbers.textContent = parts.join(' · ')
  }

  // ended: nothing moves any more.
  ended() {
    this.bar.hidden = true
    this.numbers.hidden = true
    this.offer()
  }
}
