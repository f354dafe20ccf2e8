// How long a recording plays, as far as this browser can tell without sending it.

const patience = 10_000 // ms; the server measures anyway

// seconds resolves to 0 for whatever is no film, or one that this browser cannot read.
export function seconds(file) {
  if (!/^video\//.test(file.type)) return Promise.resolve(0)
  const url = URL.createObjectURL(file)
  const film = document.createElement('video')
  return new Promise((resolve) => {
    const tell = () => resolve(Number.isFinite(film.duration) && film.duration > 0 ? film.duration : 0)
    film.onloadedmetadata = tell
    film.onerror = tell
    setTimeout(tell, patience)
    film.preload = 'metadata'
    film.muted = true
    film.src = url
  }).finally(() => {
    film.removeAttribute('src')
    film.load()
    URL.revokeObjectURL(url)
  })
}
