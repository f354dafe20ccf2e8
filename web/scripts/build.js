// Builds the scripts that pages load, into ../page/dist: `npm run build`.
// Every src/*.js that is named in `entries` becomes one file; the worker travels
// inside the file that starts it, so that a page needs one address.
import { build } from 'esbuild'
import { rm, readdir } from 'node:fs/promises'

const out = new URL('../page/dist/', import.meta.url).pathname
const entries = ['src/upload.js', 'src/casepage.js', 'src/progress.js', 'src/wizard.js']
const common = { bundle: true, minify: true, target: ['es2020', 'safari15', 'chrome87', 'firefox90'], legalComments: 'none', logLevel: 'warning' }

// The client's source as it was written, not as it was made for browsers of 2015.
const alias = { 'tus-js-client': 'tus-js-client/lib/browser/index.js', 'url-parse': './src/url.js' }

const worker = {
  name: 'worker',
  setup(b) {
    b.onResolve({ filter: /^worker:/ }, (a) => ({ path: a.path.slice('worker:'.length), namespace: 'worker' }))
    b.onLoad({ filter: /.*/, namespace: 'worker' }, async (a) => {
      const made = await build({ ...common, entryPoints: [a.path], format: 'iife', write: false })
      return { contents: made.outputFiles[0].text, loader: 'text' }
    })
  },
}

for (const name of await readdir(out)) {
  if (name.endsWith('.js')) await rm(out + name)
}
await build({ ...common, entryPoints: entries, format: 'esm', outdir: out, plugins: [worker], alias })
