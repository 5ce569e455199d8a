// A page of a notebook's cells, as the site makes them but without its dress, and a server for it: for tests of the engine.
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename, extname, join } from 'node:path'

const escape = s => s.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
const text = t => Array.isArray(t) ? t.join('') : t

// cells returns the code cells of a notebook: {source, exercise, hidden, fresh, stdout, shown}, where shown are the MIME types of each
// display, as the page shows them.
export function cells(file) {
  return JSON.parse(readFileSync(file, 'utf8')).cells.filter(c => c.cell_type === 'code').map(c => ({
    source: text(c.source),
    exercise: c.metadata.descent?.exercise,
    hidden: Boolean(c.metadata.jupyter?.source_hidden),
    fresh: (c.metadata.tags ?? []).includes('nbval-ignore-output'),
    stdout: c.outputs.filter(o => o.output_type === 'stream' && o.name === 'stdout').map(o => text(o.text)).join(''),
    shown: c.outputs.filter(o => o.data).map(o => 'text/html' in o.data ? 'html' : Object.keys(o.data).some(m => m.startsWith('image/')) ? 'figure' : 'stream'),
  }))
}

// fingerprint tells a notebook from what it will be when its code or its outputs have changed.
export const fingerprint = file => createHash('sha256').update(JSON.stringify(cells(file))).digest('hex').slice(0, 16)

export function page(file, engine) {
  const name = basename(file, '.ipynb')
  return `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>${name}</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><main>${cells(file).map((c, i) => `<div class="cell" data-notebook="${name}" data-index="${i}"${c.exercise ? ` data-exercise="${c.exercise}"` : ''}>
<div class="tools"></div><pre class="source" tabindex="0"><code>${escape(c.source)}</code></pre><div class="outputs"><pre class="stream">stored</pre></div></div>`).join('\n')}
</main><script type="module">
import { mount } from '${engine}engine.js'
window.cells = await mount(document)
</script></html>`
}

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.gz': 'application/gzip' }

// serve serves notebooks as pages and the engine, below a path, as any host of files would. It returns {address, close}.
export async function serve(engine, notebooks, path = '/') {
  const server = createServer((request, response) => {
    const url = decodeURIComponent(new URL(request.url, 'http://127.0.0.1').pathname)
    const name = url.startsWith(path) ? url.slice(path.length) : ''
    const notebook = join(notebooks, name.replace(/\.html$/, '.ipynb')), file = join(engine, name.replace(/^engine\//, ''))
    if (name.endsWith('.html') && existsSync(notebook)) {
      response.writeHead(200, { 'content-type': types['.html'] }).end(page(notebook, './engine/'))
    } else if (name.startsWith('engine/') && !name.includes('..') && existsSync(file)) {
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-length': statSync(file).size })
      createReadStream(file).pipe(response)
    } else {
      response.writeHead(404).end()
    }
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return { address: `http://127.0.0.1:${server.address().port}${path}`, close: () => server.close() }
}
