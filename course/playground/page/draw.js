// Drawing on canvases: a surface as a map with lines of equal height, paths on it, curves over steps, and grids of numbers.

// Okabe and Ito's colours, which colour-blind eyes tell apart.
export const COLOURS = { gd: '#0072b2', momentum: '#d55e00', nesterov: '#009e73', rmsprop: '#cc79a7', adam: '#e69f00', adamw: '#7a3e9d',
  schedulefree: '#56b4e9', muon: '#8c6d1f', lbfgs: '#444444' }

const dark = () => matchMedia('(prefers-color-scheme: dark)').matches
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

// surface paints heights, a grid of width×height from the top left: bands of equal height on a scale that is fine near
// the lowest, and their edges.
export function surface(canvas, heights, width, height) {
  const least = lowest(heights), level = v => Math.log1p((v - least) * 20)
  const most = level(highest(heights)), bands = 24
  const image = new ImageData(width, height), [lo, hi] = dark() ? [[22, 26, 34], [112, 138, 168]] : [[252, 253, 255], [122, 152, 186]]
  const band = heights.map(v => Math.min(bands - 1, Math.floor(level(v) / most * bands)))
  for (let i = 0; i < band.length; i++) {
    const edge = (i % width && band[i] !== band[i - 1]) || (i >= width && band[i] !== band[i - width])
    const t = band[i] / (bands - 1), shade = edge ? (dark() ? 1.35 : 0.82) : 1
    for (let k = 0; k < 3; k++) image.data[4 * i + k] = Math.min(255, (lo[k] + (hi[k] - lo[k]) * t) * shade)
    image.data[4 * i + 3] = 255
  }
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d').putImageData(image, 0, 0)
}

// paths draws the runs up to a step. toX and toY turn coordinates into pixels.
export function paths(canvas, runs, step, minima, toX, toY) {
  const { c, w, h } = fit(canvas)
  c.lineJoin = 'round'
  for (const [x, y] of minima) star(c, toX(x), toY(y))
  for (const r of runs) {
    const last = Math.min(step, r.path.length / 2 - 1), colour = COLOURS[r.method]
    c.strokeStyle = colour
    c.fillStyle = colour
    c.lineWidth = 2
    c.beginPath()
    for (let i = 0; i <= last; i++) {
      const x = clamp(toX(r.path[2 * i]), w), y = clamp(toY(r.path[2 * i + 1]), h)
      if (i) c.lineTo(x, y); else c.moveTo(x, y)
    }
    c.stroke()
    for (let i = Math.max(0, last - 40); i < last; i++) dot(c, toX(r.path[2 * i]), toY(r.path[2 * i + 1]), 2)
    c.strokeStyle = '#fff'
    c.lineWidth = 1.5
    dot(c, toX(r.path[2 * last]), toY(r.path[2 * last + 1]), 6, true)
  }
}

const clamp = (v, size) => Math.max(-4 * size, Math.min(5 * size, v))

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
    const r = i % 2 ? 4 : 9, a = Math.PI * (i / 5 - 0.5)
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
    lo = Math.max(lo, hi * 1e-16)
    hi = Math.min(hi, lo * 1e24)
    lo = Math.floor(Math.log10(lo))
    hi = Math.max(lo + 1, Math.ceil(Math.log10(hi)))
  } else {
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
  for (const t of every(0, n, Math.max(1, nice(n / 5)))) c.fillText(short(t), x(t), h - 7)
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
  canvas.width = canvas.height = n
  canvas.getContext('2d').putImageData(image, 0, 0)
}

// scatter draws points x, y, class in the square from −3 to 3: full if the network learns from them, as a ring if not.
export function scatter(c, size, list, full) {
  for (let i = 0; i < list.length; i += 3) {
    const x = (list[i] + 3) / 6 * size, y = (3 - list[i + 1]) / 6 * size
    c.fillStyle = c.strokeStyle = list[i + 2] ? '#004b7a' : '#a34600'
    c.lineWidth = 2
    c.beginPath()
    c.arc(x, y, 4, 0, 2 * Math.PI)
    if (full) {
      c.fill()
      c.strokeStyle = '#fff'
      c.lineWidth = 1
    }
    c.stroke()
  }
}
