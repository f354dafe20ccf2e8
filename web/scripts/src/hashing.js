// Hashes files in a worker. What cannot be hashed, because the browser has no
// workers or no WebAssembly, gives '': uploading works without.
import source from 'worker:./src/hash-worker.js'

export class Hashing {
  #worker = null
  #waiting = new Map()
  #next = 1

  // print is the short hash by which a file is known again; unreadable files reject.
  print(file) {
    return this.#ask('print', file).sum
  }

  // whole is the SHA-256 of all of the file; stop() gives it up.
  whole(file) {
    return this.#ask('whole', file)
  }

  #ask(job, file) {
    const id = this.#next++
    const worker = this.#start()
    if (!worker) return { sum: Promise.resolve(''), stop() {} }
    const sum = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    sum.catch(() => {}) // whoever needs it asks again
    worker.postMessage({ id, job, file })
    const stop = () => {
      if (!this.#waiting.has(id)) return
      this.#settle({ id, sum: '' })
      worker.postMessage({ id, job: 'stop' })
    }
    return { sum, stop }
  }

  #start() {
    if (this.#worker || typeof Worker === 'undefined' || typeof WebAssembly === 'undefined') return this.#worker
    try {
      const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
      this.#worker = new Worker(address)
      this.#worker.onmessage = ({ data }) => this.#settle(data)
      this.#worker.onerror = () => {
        for (const id of [...this.#waiting.keys()]) this.#settle({ id, sum: '' })
      }
    } catch {
      this.#worker = null
    }
    return this.#worker
  }

  #settle({ id, sum, error }) {
    const one = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (!one) return
    if (error === 'NotReadableError' || error === 'NotFoundError') one.reject(new Error(error))
    else one.resolve(sum || '')
  }
}
