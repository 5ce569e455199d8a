// Drawing on canvases: a surface as a map with lines of equal height, paths on it, curves over steps, and grids of numbers.

const night = matchMedia('(prefers-color-scheme: dark)')
const chosen = document.documentElement.dataset.theme // on the site's other pages
const dark = () => chosen ? chosen === 'dark' : night.matches

// Okabe and Ito's colours, which colour-blind eyes tell apart, and lighter ones for dark pages.
const LIGHT = { gd: '#0072b2', momentum: '#d55e00', nesterov: '#009e73', rmsprop: '#c2609a', adam: '#d99000', adamw: '#7a3e9d', schedulefree: '#3fa0dc',
  lbfgs: '#444444' }
const DARK = { ...LIGHT, gd: '#4aa8e8', momentum: '#ff8438', nesterov: '#2fc79c', rmsprop: '#e59bc9', adam: '#f5b93d', adamw: '#b98be0', schedulefree: '#8fd0f7',
  lbfgs: '#c9ccd2' }
export const colour = method => (dark() ? DARK : LIGHT)[method]
export const colours = method => [LIGHT[method], `light-dark(${LIGHT[method]}, ${DARK[method]})`]
export const whenDark = f => night.addEventListener('change', f)
export const ink = () => dark() ? '#e4e6ea' : '#1b1b1b'
const faint = () => dark() ? '#3b414a' : '#d5d9df'

// fit makes a canvas as fine as the screen, and returns its context in CSS pixels.
export function fit(canvas) {
  const { clientWidth: w, clientHeight: h } = canvas, scale = Math.min(devicePixelRatio || 1, 2)
  if (canvas.width !== Math.round(w * scale) || canvas.height !== Math.round(h * scale)) {
    canvas.width = Math.round(w * scale)
    canvas.height = Math.round(h * scale)
  }
  const c = canvas.getContext('2d')
  c.setTransform(scale, 0, 0, scale, 0, 0)
  c.clearRect(0, 0, w, h)
  return { c, w, h }
}

// (Math.min of a long list overflows the stack.)
const lowest = list => list.reduce((m, v) => Math.min(m, v), Infinity)
const highest = list => list.reduce((m, v) => Math.max(m, v), -Infinity)

const small = document.createElement('canvas')

// surface paints a map of heights, width×height of them from the top left: darker is higher, on a scale that is fine near
// the lowest, with lines of equal height and the coordinates along two edges.
export function surface(canvas, heights, width, height, { lo, hi }) {
  const least = lowest(heights), level = v => Math.log1p((v - least) * 20), lines = 22
  const most = level(highest(heights)), at = heights.map(v => level(v) / most * lines)
  const image = new ImageData(width, height), [low, high] = dark() ? [[20, 24, 31], [92, 116, 146]] : [[254, 254, 255], [134, 163, 195]]
  at.forEach((v, i) => {
    for (let k = 0; k < 3; k++) image.data[4 * i + k] = low[k] + (high[k] - low[k]) * v / lines
    image.data[4 * i + 3] = 255
  })
  small.width = width
  small.height = height
  small.getContext('2d').putImageData(image, 0, 0)
  const { c, w, h } = fit(canvas)
  c.imageSmoothingQuality = 'high'
  c.drawImage(small, 0.5, 0.5, width - 1, height - 1, 0, 0, w, h) // a height belongs to the middle of its pixel
  c.strokeStyle = dark() ? '#a9c4e333' : '#23466e3a'
  c.lineWidth = 1
  contours(c, at, width, height, w / (width - 1), h / (height - 1))
  c.font = '12px system-ui, sans-serif'
  c.textAlign = 'center'
  const gap = nice((hi[0] - lo[0]) / 7)
  for (const x of every(lo[0] + gap / 2, hi[0] - gap / 2, gap)) haloed(c, short(x).replace('-', '−'), (x - lo[0]) / (hi[0] - lo[0]) * w, h - 6)
  c.textAlign = 'left'
  for (const y of every(lo[1] + gap / 2, hi[1] - gap / 2, gap)) haloed(c, short(y).replace('-', '−'), 5, (hi[1] - y) / (hi[1] - lo[1]) * h + 4)
}

// contours draws the lines of all whole numbers through a grid: in each square, straight between the points where its
// sides have the number (marching squares).
function contours(c, at, width, height, dx, dy) {
  c.beginPath()
  for (let i = 0; i + 1 < height; i++) {
    for (let j = 0; j + 1 < width; j++) {
      const k = i * width + j, corners = [at[k], at[k + 1], at[k + width + 1], at[k + width]]
      const last = Math.max(...corners)
      for (let line = Math.floor(Math.min(...corners)) + 1; line < last; line++) {
        const cuts = []
        for (let side = 0; side < 4; side++) {
          const a = corners[side], b = corners[(side + 1) % 4]
          if (a < line === b < line) continue
          const t = (line - a) / (b - a)
          cuts.push([[t, 0], [1, t], [1 - t, 1], [0, 1 - t]][side])
        }
        for (let n = 0; n + 1 < cuts.length; n += 2) {
          c.moveTo((j + cuts[n][0]) * dx, (i + cuts[n][1]) * dy)
          c.lineTo((j + cuts[n + 1][0]) * dx, (i + cuts[n + 1][1]) * dy)
        }
      }
    }
  }
  c.stroke()
}

// haloed writes on a picture.
function haloed(c, text, x, y, colour = ink()) {
  c.save()
  c.lineJoin = 'round'
  c.lineWidth = 3
  c.strokeStyle = dark() ? '#16181ccc' : '#ffffffcc'
  c.strokeText(text, x, y)
  c.fillStyle = colour
  c.fillText(text, x, y)
  c.restore()
}

// firstStep shows at the start the first step of gradient descent (the arrow), and where on its way the opposite slope is
// higher than the start (the bar; level is how many pixels away, or 0). over says that the step ends higher than it began.
export function firstStep(canvas, from, to, level, over) {
  const c = canvas.getContext('2d'), w = canvas.clientWidth, h = canvas.clientHeight
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]), colour = over ? (dark() ? '#ff8a80' : '#b3261e') : (dark() ? '#8fd6a4' : '#1d6b36')
  const along = [(to[0] - from[0]) / length, (to[1] - from[1]) / length]
  const far = Math.min(length, 2 * (w + h)) // an arrow that ends outside keeps its direction
  const tip = [from[0] + far * along[0], from[1] + far * along[1]], bar = [from[0] + level * along[0], from[1] + level * along[1]]
  c.save()
  c.strokeStyle = c.fillStyle = colour
  c.lineCap = 'round'
  c.lineWidth = 4
  if (level) line(c, bar[0] - 11 * along[1], bar[1] + 11 * along[0], bar[0] + 11 * along[1], bar[1] - 11 * along[0])
  const head = Math.min(11, far)
  line(c, from[0], from[1], tip[0] - head * along[0], tip[1] - head * along[1])
  c.beginPath()
  c.moveTo(tip[0], tip[1])
  for (const side of [-7, 7]) c.lineTo(tip[0] - head * along[0] + side * along[1], tip[1] - head * along[1] - side * along[0])
  c.fill()
  c.font = '600 12px system-ui, sans-serif'
  const right = bar[0] < w / 2
  c.textAlign = right ? 'left' : 'right'
  if (level > 50) haloed(c, 'past this line: higher than the start', bar[0] + (right ? 16 : -16), Math.max(14, Math.min(h - 6, bar[1] + 4)), colour)
  c.restore()
}

// paths draws the runs up to a step, faintly where they are outside of the map and did not just leave it. toX and toY turn coordinates into pixels.
export function paths(canvas, runs, step, minima, toX, toY) {
  const { c, w, h } = fit(canvas)
  c.lineCap = 'round'
  for (const r of runs) {
    const last = Math.min(step, r.path.length / 2 - 1)
    if (last < 0) continue
    c.strokeStyle = c.fillStyle = colour(r.method)
    c.lineWidth = 2
    const here = new Path2D(), away = new Path2D()
    let gone = false
    for (let i = 0; i < last; i++) {
      const [x1, y1, x2, y2] = [toX(r.path[2 * i]), toY(r.path[2 * i + 1]), toX(r.path[2 * i + 2]), toY(r.path[2 * i + 3])]
      const cut = clip(x1, y1, x2, y2, w, h), on = gone ? away : here
      gone = x2 < 0 || x2 > w || y2 < 0 || y2 > h
      if (!cut) continue
      on.moveTo(cut[0], cut[1])
      on.lineTo(cut[2], cut[3])
    }
    c.stroke(here)
    c.globalAlpha = 0.2
    c.stroke(away)
    c.globalAlpha = 1
    for (let i = Math.max(0, last - 40); i < last; i++) dot(c, toX(r.path[2 * i]), toY(r.path[2 * i + 1]), 2)
    c.strokeStyle = '#fff'
    c.lineWidth = 1.5
    dot(c, toX(r.path[2 * last]), toY(r.path[2 * last + 1]), 7, true)
  }
  for (const [x, y] of minima) star(c, toX(x), toY(y)) // on the dots that have arrived, which are seen between its points
}

// clip returns the part of a line that is on the map or close to it, or nothing: canvases do not draw numbers of any size, and
// a line whose ends are moved to the edge has another direction. (The parts of Liang and Barsky.)
function clip(x1, y1, x2, y2, w, h) {
  let from = 0, to = 1
  for (const [start, by, size] of [[x1, x2 - x1, w], [y1, y2 - y1, h]]) {
    if (by === 0 && (start < -9 || start > size + 9)) return
    if (by === 0) continue
    const a = (-9 - start) / by, b = (size + 9 - start) / by
    from = Math.max(from, Math.min(a, b))
    to = Math.min(to, Math.max(a, b))
  }
  return from < to ? [x1 + from * (x2 - x1), y1 + from * (y2 - y1), x1 + to * (x2 - x1), y1 + to * (y2 - y1)] : undefined
}

function dot(c, x, y, radius, rim) {
  c.beginPath()
  c.arc(x, y, radius, 0, 2 * Math.PI)
  c.fill()
  if (rim) c.stroke()
}

function star(c, x, y) {
  c.fillStyle = '#f0c000'
  c.strokeStyle = '#111'
  c.lineWidth = 1
  c.beginPath()
  for (let i = 0; i < 10; i++) {
    const r = i % 2 ? 3.2 : 8, a = Math.PI * (i / 5 - 0.5)
    c.lineTo(x + r * Math.cos(a), y + r * Math.sin(a))
  }
  c.closePath()
  c.fill()
  c.stroke()
}

// curves draws series of {colour, values, dashed} over the steps 0 to n, up to step; log is the scale of the values.
export function curves(canvas, series, n, step, log, title) {
  const { c, w, h } = fit(canvas), left = 52, right = 10, top = 24, bottom = 24
  const seen = series.flatMap(s => s.values).filter(v => Number.isFinite(v) && (!log || v > 0))
  c.font = '12px system-ui, sans-serif'
  c.fillStyle = ink()
  c.fillText(title, left, 15)
  if (!seen.length) return
  let lo = lowest(seen), hi = highest(seen)
  if (log) {
    hi = Math.min(hi, highest(series.map(s => s.values[0])) * 1e4) // what diverges leaves at the top
    lo = Math.max(lo, hi * 1e-16)
    lo = Math.floor(Math.log10(lo))
    hi = Math.max(lo + 1, Math.ceil(Math.log10(hi)))
  } else {
    hi = Math.min(hi, highest(series.map(s => s.values[0])) * 4)
    lo = Math.min(0, lo)
    hi = hi > lo ? hi : lo + 1
  }
  const y = v => top + (h - top - bottom) * (1 - ((log ? Math.log10(v) : v) - lo) / (hi - lo))
  const x = i => left + (w - left - right) * i / Math.max(1, n)
  c.strokeStyle = faint()
  c.lineWidth = 1
  c.textAlign = 'right'
  const ticks = log ? every(lo, hi, Math.ceil((hi - lo) / 6)) : every(lo, hi, nice((hi - lo) / 5))
  for (const t of ticks) {
    const at = Math.round(y(log ? 10 ** t : t)) + 0.5
    line(c, left, at, w - right, at)
    c.fillText(log ? `10${superscript(t)}` : short(t), left - 6, at + 4)
  }
  c.textAlign = 'center'
  for (const t of every(0, n, Math.max(1, nice(n / 5)))) c.fillText(short(t), Math.min(x(t), w - 14), h - 7)
  c.textAlign = 'left'
  c.save()
  c.beginPath()
  c.rect(left, top - 2, w - left - right, h - top - bottom + 4)
  c.clip()
  for (const s of series) {
    c.strokeStyle = s.colour
    c.lineWidth = s.dashed ? 1.5 : 2
    c.setLineDash(s.dashed ? [5, 4] : [])
    c.beginPath()
    let pen = false
    for (let i = 0; i < s.values.length && i <= step; i++) {
      const v = s.values[i]
      if (!Number.isFinite(v) || (log && v <= 0)) { pen = false; continue }
      if (pen) c.lineTo(x(i), y(v)); else c.moveTo(x(i), y(v))
      pen = true
    }
    c.stroke()
  }
  c.restore()
  c.setLineDash([])
}

function line(c, x1, y1, x2, y2) {
  c.beginPath()
  c.moveTo(x1, y1)
  c.lineTo(x2, y2)
  c.stroke()
}

function every(lo, hi, gap) {
  const all = []
  for (let t = Math.ceil(lo / gap) * gap; t <= hi + gap * 1e-9 && all.length < 50; t += gap) all.push(t)
  return all
}

function nice(gap) {
  const power = 10 ** Math.floor(Math.log10(gap || 1))
  return [1, 2, 5, 10].find(m => m * power >= gap) * power
}

export const short = v => v === 0 ? '0' : Math.abs(v) < 1e-3 || Math.abs(v) >= 1e5 ? v.toExponential(1) : String(Number(v.toPrecision(3)))
const superscript = n => String(n).replace(/[-0-9]/g, d => d === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[d])

// grid paints numbers between −1 and 1, a square of n×n, from orange to blue.
export function grid(canvas, values, n) {
  const image = new ImageData(n, n), base = dark() ? [30, 33, 38] : [248, 248, 248]
  for (let i = 0; i < values.length; i++) {
    const v = Math.max(-1, Math.min(1, values[i])), end = v < 0 ? [213, 94, 0] : [0, 114, 178], t = 0.75 * Math.abs(v)
    for (let k = 0; k < 3; k++) image.data[4 * i + k] = base[k] + (end[k] - base[k]) * t
    image.data[4 * i + 3] = 255
  }
  if (canvas.width !== n || canvas.height !== n) canvas.width = canvas.height = n // which clears it, and costs
  canvas.getContext('2d').putImageData(image, 0, 0)
}

// scatter draws points x, y, class in the square from −3 to 3: full if the network learns from them, as a ring if not.
export function scatter(c, size, list, full) {
  for (let i = 0; i < list.length; i += 3) {
    const x = (list[i] + 3) / 6 * size, y = (3 - list[i + 1]) / 6 * size
    const colour = list[i + 2] ? '#004b7a' : '#a34600'
    c.fillStyle = full ? colour : '#fff'
    c.strokeStyle = full ? '#fff' : colour
    c.lineWidth = full ? 1.2 : 2
    c.beginPath()
    c.arc(x, y, full ? 4.5 : 3.5, 0, 2 * Math.PI)
    c.fill()
    c.stroke()
  }
}

// wires draws weights between rows of points: thick is large, the colour is the sign. The weight from point i of a row to point
// j of the next, which has n, is weights[i*n+j]. Of very many only the large ones are drawn: the others would hide them.
export function wires(canvas, rows, weights) {
  const { c } = fit(canvas)
  weights.forEach((list, k) => {
    const most = list.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-9), n = rows[k + 1].length
    list.forEach((w, at) => {
      if (list.length > 150 && Math.abs(w) < most / 2) return
      const [x1, y1] = rows[k][Math.floor(at / n)], [x2, y2] = rows[k + 1][at % n]
      c.strokeStyle = w < 0 ? '#d55e00b0' : '#0a7ec4b0'
      c.lineWidth = 0.3 + 4 * Math.abs(w) / most
      line(c, x1, y1, x2, y2)
    })
  })
}
