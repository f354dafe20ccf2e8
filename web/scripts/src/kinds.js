// Which files are worth uploading: the same list that the file dialog offers.

// accepts tells whether a file fits an accept attribute ("video/*,.pdf"). Phones
// leave out the type of some recordings, so the ending counts as well.
export function accepts(accept, file) {
  const name = file.name.toLowerCase()
  const type = (file.type || '').toLowerCase()
  if (type === 'image/svg+xml' || name.endsWith('.svg')) return false
  return accept
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter(Boolean)
    .some((one) => {
      if (one.startsWith('.')) return name.endsWith(one)
      if (one.endsWith('/*')) return type.startsWith(one.slice(0, -1))
      return type === one
    })
}
