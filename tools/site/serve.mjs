// Serves a folder on 127.0.0.1, as a host of static files would: node serve.mjs FOLDER PORT [PATH]
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize, resolve, sep } from 'node:path'
import { createGzip } from 'node:zlib'

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.json': 'application/json', '.webmanifest': 'application/manifest+json', '.txt': 'text/plain; charset=utf-8', '.svg': 'image/svg+xml', '.png': 'image/png',
  '.gif': 'image/gif', '.jpg': 'image/jpeg', '.woff2': 'font/woff2', '.wasm': 'application/wasm', '.gz': 'application/gzip',
}
const SMALLER = /^(text\/|application\/(json|manifest|wasm)|image\/svg)/

const [folder, port, path = '/'] = process.argv.slice(2)
const root = resolve(folder)

const server = createServer((request, response) => {
  const send = (status, file, headers = {}) => {
    const type = TYPES[extname(file)] ?? 'application/octet-stream', size = statSync(file).size, last = statSync(file).mtime.toUTCString()
    const all = { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff', 'Cache-Control': /\/(assets|figures)\//.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache', 'Last-Modified': last, ...headers }
    if (status === 200 && request.headers['if-modified-since'] === last) return response.writeHead(304, all).end()
    const packed = SMALLER.test(type) && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
    if (packed) Object.assign(all, { 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' })
    const ready = packed && existsSync(`${file}.gz`)
    if (!packed) all['Content-Length'] = size
    if (ready) all['Content-Length'] = statSync(`${file}.gz`).size
    response.writeHead(status, all)
    if (request.method === 'HEAD') return response.end()
    const stream = createReadStream(ready ? `${file}.gz` : file)
    stream.on('error', () => response.destroy())
    if (packed && !ready) stream.pipe(createGzip()).pipe(response)
    else stream.pipe(response)
  }
  const missing = () => send(404, join(root, '404.html'))
  try {
    if (!/^(GET|HEAD)$/.test(request.method)) return response.writeHead(405).end()
    const asked = decodeURIComponent(new URL(request.url, 'http://127.0.0.1').pathname)
    if (!asked.startsWith(path)) return missing()
    let file = normalize(join(root, asked.slice(path.length)))
    if (file !== root && !file.startsWith(root + sep) || /[\0]/.test(file)) return missing()
    if (existsSync(file) && statSync(file).isDirectory()) {
      if (!asked.endsWith('/')) return response.writeHead(301, { Location: `${encodeURI(asked)}/` }).end()
      file = join(file, 'index.html')
    }
    if (!existsSync(file)) return missing()
    send(200, file)
  } catch {
    response.writeHead(400).end()
  }
})
server.on('error', e => {
  console.error(e.code === 'EADDRINUSE' ? `lab: port ${port} is taken: say make serve-site PORT=… with another one.` : `lab: ${e.message}`)
  process.exit(1)
})
server.listen(Number(port), '127.0.0.1', () => console.log(`lab: open http://127.0.0.1:${server.address().port}${path} (Ctrl-C ends it)`))
