// Pictures of notebooks as files: named by what they hold, so that a browser may keep them for ever.
import { createHash } from 'node:crypto'
import { inflateSync } from 'node:zlib'

const EXTENSIONS = { 'image/png': 'png', 'image/gif': 'gif', 'image/jpeg': 'jpg', 'image/svg+xml': 'svg' }

export class Pictures {
  files = new Map() // name → bytes

  // add keeps a picture and returns its address on a page.
  add(type, bytes) {
    const name = `figures/${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.${EXTENSIONS[type]}`
    this.files.set(name, bytes)
    return name
  }

  // extract replaces the pictures that lie inside of HTML by addresses.
  extract(html) {
    return html.replace(/data:(image\/(?:png|gif|jpeg|svg\+xml));base64,([A-Za-z0-9+/=]+)/g, (_, type, data) => this.add(type, Buffer.from(data, 'base64')))
  }
}

// chunks are the parts of a PNG: a type and bytes.
function* chunks(png) {
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at)
    yield [png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length)]
    at += 12 + length
  }
}

// drawing is the SVG that a chart's PNG carries: a compressed text with the keyword SVG.
export function drawing(png) {
  const head = Buffer.from('SVG\0\x01\0\0\0', 'latin1')
  for (const [type, body] of chunks(png)) {
    if (type === 'iTXt' && body.subarray(0, head.length).equals(head)) return inflateSync(body.subarray(head.length))
  }
}

// isChart tells whether a PNG is lines on white paper, which can be shown as light lines on dark paper: at least
// three quarters of its pixels are white. Photographs and maps of colours are not.
export function isChart(png) {
  let width, height, depth, colour, palette = [], data = []
  for (const [type, body] of chunks(png)) {
    if (type === 'IHDR') [width, height, depth, colour] = [body.readUInt32BE(0), body.readUInt32BE(4), body[8], body[9]]
    if (type === 'PLTE') palette = body
    if (type === 'IDAT') data.push(body)
  }
  const samples = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colour], bits = samples * depth
  const pixel = Math.max(1, bits >> 3), row = Math.ceil(width * bits / 8), raw = inflateSync(Buffer.concat(data))
  const isWhite = (line, x) => {
    if (colour !== 3) return line.subarray(x * pixel, x * pixel + Math.min(samples, 3)).every(v => v === 255)
    const bit = x * depth, index = line[bit >> 3] >> (8 - depth - bit % 8) & (1 << depth) - 1
    return palette[3 * index] + palette[3 * index + 1] + palette[3 * index + 2] === 765
  }
  let white = 0, before = Buffer.alloc(row)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (row + 1)], line = raw.subarray(y * (row + 1) + 1, (y + 1) * (row + 1))
    for (let i = 0; i < row && filter; i++) {
      const left = i < pixel ? 0 : line[i - pixel], up = before[i], corner = i < pixel ? 0 : before[i - pixel]
      line[i] += [0, left, up, left + up >> 1, paeth(left, up, corner)][filter]
    }
    for (let x = 0; x < width; x++) white += isWhite(line, x)
    before = line
  }
  return white > 0.75 * width * height
}

function paeth(a, b, c) {
  const p = a + b - c, pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c)
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c
}
