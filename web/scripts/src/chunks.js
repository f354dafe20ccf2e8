// How much goes into one request. A proxy that answers 413 makes it smaller, for
// this browser and for later.
const most = 8 << 20
const least = 512 << 10
const key = 'clipcase.chunk'

let now = remembered()

function remembered() {
  try {
    const kept = Number(localStorage.getItem(key))
    return kept >= least && kept <= most ? kept : most
  } catch {
    return most // storage may be closed to us
  }
}

export function chunk() {
  return now
}

// smaller halves what failed at size; false = it is as small as it gets.
export function smaller(size) {
  if (size <= least) return false
  now = Math.min(now, Math.max(least, Math.floor(size / 2)))
  try {
    localStorage.setItem(key, String(now))
  } catch {
    // then it is found out again next time
  }
  return true
}
