// Words come from the server with {names} to be filled in; numbers are said here.

export function words(table) {
  return (key, args = {}) => (table[key] ?? key).replace(/\{(\w+)\}/g, (all, name) => args[name] ?? all)
}

// bytes says a size as the server does: 312 MB, 1.4 GB.
export function bytes(n) {
  if (n >= 1e9) return `${short(n / 1e9)} GB`
  if (n >= 1e6) return `${short(n / 1e6)} MB`
  if (n >= 1e3) return `${Math.round(n / 1e3)} kB`
  return `${Math.max(0, Math.round(n))} B`
}

function short(n) {
  return n >= 10 ? n.toFixed(0) : n.toFixed(1).replace(/\.0$/, '')
}

// left says how long something still takes; '' when nobody knows.
export function left(say, seconds) {
  if (!Number.isFinite(seconds) || seconds > 48 * 3600) return ''
  if (seconds < 60) return say('left_seconds', { count: Math.max(5, Math.ceil(seconds / 5) * 5) })
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 100) return say('left_minutes', { count: minutes })
  return say('left_hours', { count: Math.floor(minutes / 60), minutes: minutes % 60 })
}
