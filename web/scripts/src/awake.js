// Keeps the screen on while something is uploading, where the browser lets us:
// phones cut the network of pages soon after the screen goes dark.
export class Awake {
  #lock = null
  #wanted = false

  constructor() {
    document.addEventListener('visibilitychange', () => this.#hold())
  }

  want(yes) {
    if (this.#wanted === yes) return
    this.#wanted = yes
    this.#hold()
  }

  async #hold() {
    if (!this.#wanted) {
      const lock = this.#lock
      this.#lock = null
      await lock?.release().catch(() => {})
      return
    }
    if (this.#lock || document.visibilityState !== 'visible' || !navigator.wakeLock) return
    try {
      this.#lock = await navigator.wakeLock.request('screen')
      this.#lock.addEventListener('release', () => (this.#lock = null))
    } catch {
      this.#lock = null // refused, for example by a power saver
    }
    if (!this.#wanted) this.#hold()
  }
}
