// What the pages of the conversation do by themselves. Everything works without.
//
// [data-copy]       button beside a field: copies the field's text
// [data-look]       the page has something under way: it is looked at again, and
//                   what stands in [data-live] (each with an id) is replaced
// clipcase:taken    event of the uploader: a file is in the case now
// [data-mark-…]     takes the player's time into the fields from and to
// [data-left]       how many characters can still be written
// [data-alone]      tick that excludes the others

const every = 4000

for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    const field = button.parentElement.querySelector('textarea, input')
    field.select()
    try {
      await navigator.clipboard.writeText(field.value)
    } catch {
      document.execCommand('copy') // without https there is no clipboard
    }
  })
}

// look fetches the page as it is now and takes over what is live. It resolves to
// whether something is still under way.
async function look() {
  const answer = await fetch('/?live=1', { cache: 'no-store', headers: { Accept: 'text/html' } })
  if (!answer.ok) throw new Error(String(answer.status))
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const [was, is] = [document, fresh].map((d) => d.querySelector('[data-page]')?.dataset.page)
  if (was !== is) {
    if (was === 'work') location.reload() // the step went on elsewhere, and nothing is being filled in here
    return false
  }
  for (const part of document.querySelectorAll('[data-live][id]')) {
    const now = fresh.getElementById(part.id)
    if (!now || now.innerHTML === part.dataset.shown) continue
    if (part.contains(document.activeElement) || part.querySelector('details[open], :checked, video')) continue // someone is busy there
    part.dataset.shown = now.innerHTML
    part.replaceChildren(...now.childNodes)
    for (const input of part.querySelectorAll('[data-at]')) watchThumb(input)
  }
  clearTaken()
  return fresh.querySelector('[data-look]') !== null
}

let looking
function lookAgain(soon) {
  clearTimeout(looking)
  looking = setTimeout(
    async () => {
      if (document.hidden) return lookAgain()
      const more = await look().catch(() => true)
      if (more) lookAgain()
    },
    soon ? 300 : every,
  )
}
if (document.querySelector('[data-look]')) lookAgain()

// A file that is in the case stands in the case's own list; its row of the
// uploader is done with, once both could be read for a while.
document.addEventListener('clipcase:taken', (event) => {
  lookAgain(true)
  const row = [...event.target.querySelectorAll('li')].find((li) => li.querySelector('.upload-status.good') && li.querySelector('strong')?.textContent === event.detail.name)
  if (row) row.dataset.taken = event.detail.name
})

function clearTaken() {
  for (const row of document.querySelectorAll('[data-taken]')) {
    const listed = [...row.closest('.slot').querySelectorAll('.files > li:not(.wait) .file')].some((file) => file.textContent === row.dataset.taken)
    if (!listed) continue
    delete row.dataset.taken
    setTimeout(() => row.remove(), every)
  }
}
document.addEventListener('clipcase:received', () => lookAgain(true))

const [from, to, file] = ['from', 'to', 'file'].map((name) => document.querySelector(`#form [name=${name}]`))

function clock(seconds) {
  const s = Math.max(0, Math.round(seconds))
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
}

// A picture that is chosen takes the place of times that were typed.
function watchThumb(input) {
  input.addEventListener('change', () => {
    from.value = to.value = ''
    const player = document.querySelector(`[data-player="${input.dataset.file}"]`)
    if (player) player.currentTime = input.dataset.at.split(':').reduce((all, part) => all * 60 + Number(part), 0)
  })
}
for (const input of document.querySelectorAll('#form [name=moment]')) {
  if (input.dataset.at) watchThumb(input)
  else input.addEventListener('change', () => (from.value = to.value = ''))
}

for (const row of document.querySelectorAll('[data-mark]')) row.hidden = false
for (const [name, field] of [['markFrom', from], ['markTo', to]]) {
  for (const button of document.querySelectorAll(name === 'markFrom' ? '[data-mark-from]' : '[data-mark-to]')) {
    button.addEventListener('click', () => {
      const number = button.dataset[name]
      field.value = clock(document.querySelector(`[data-player="${number}"]`).currentTime)
      if (file) file.value = number
      for (const radio of document.querySelectorAll('#form [name=moment]')) radio.checked = false
    })
  }
}

const words = document.querySelector('[data-most]')
const room = document.querySelector('[data-left]')
if (words && room) {
  const count = () => {
    const n = Number(words.dataset.most) - [...words.value].length
    room.textContent = n < 200 ? room.dataset.words.replace('{n}', n) : ''
  }
  words.addEventListener('input', count)
  count()
}

const alone = document.querySelector('[data-alone]')
if (alone) {
  const others = [...alone.form.elements[alone.name]].filter((box) => box !== alone)
  alone.addEventListener('change', () => alone.checked && others.forEach((box) => (box.checked = false)))
  for (const box of others) box.addEventListener('change', () => box.checked && (alone.checked = false))
}
