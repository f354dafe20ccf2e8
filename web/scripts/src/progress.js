// Live progress: [data-progress=<case>] is kept up to date by server-sent events,
// and the page goes on to the finished files by itself. Without this script the
// page loads itself again every few seconds.
import { news } from './news.js'

for (const part of document.querySelectorAll('[data-progress]')) {
  const text = part.querySelector('[data-progress-text]')
  const bar = part.querySelector('[data-progress-bar]')
  const open = part.querySelector('[data-progress-open]')
  news(part.dataset.progress, (now) => {
    if (text.textContent !== now.text) text.textContent = now.text
    if (now.percent < 0) bar.removeAttribute('value')
    else bar.value = now.percent
    if (now.url) open?.removeAttribute('hidden')
    if (!now.done) return
    if (now.url) location.assign(now.url)
    else location.reload()
  })
}
