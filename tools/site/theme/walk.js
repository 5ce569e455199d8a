// The cover's picture: a map of a surface, a ring that can be moved, and the walks that begin there.
import { loss, path } from './descend.js'

const STEPS = 150
const REACH = 5.8 // what is on the map, to the left and right of 0
const RATIO = 3 / 4
const COLOURS = { gd: '#d55e00', momentum: '#0072b2', adam: '#009e73' }
const DARK = { gd: '#ff8a3d', momentum: '#6cbcf0', adam: '#3fd6a8' }

export function start() {
  const walk = document.getElementById('walk'), [ground, paths] = walk.querySelectorAll('canvas')
  const ring = walk.querySelector('.ring'), play = walk.querySelector('.play'), says = document.getElementById('walk-says')
  const calm = matchMedia('(prefers-reduced-motion: reduce)')
  const isDark = () => document.documentElement.classList.contains('dark')
  let from = [-0.6, -1.2], walks, at = 0, playing = !calm.matches, waiting = 0, dragged = false

  const place = ([x, y], w, h) => [(x / REACH + 1) / 2 * w, (1 - y / REACH / RATIO) / 2 * h]

  // Bands of equal height, and a line where two meet.
  function drawGround() {
    const w = ground.width, h = ground.height, draw = ground.getContext('2d'), image = draw.createImageData(w, h), dark = isDark()
    const level = (i, j) => Math.floor(3 * Math.log2(1 + loss((2 * i / w - 1) * REACH, (1 - 2 * j / h) * REACH * RATIO)))
    const low = dark ? [38, 70, 110] : [196, 222, 246], high = dark ? [24, 26, 31] : [255, 253, 247]
    let above = []
    for (let j = 0; j < h; j++) {
      const row = []
      for (let i = 0; i < w; i++) {
        const l = row[i] = level(i, j), edge = (i && row[i - 1] !== l) || (j && above[i] !== l), share = Math.min(1, l / 29)
        for (let c = 0; c < 3; c++) image.data[4 * (j * w + i) + c] = low[c] + (high[c] - low[c]) * share + (edge ? dark ? 26 : -26 : 0)
        image.data[4 * (j * w + i) + 3] = 255
      }
      above = row
    }
    draw.putImageData(image, 0, 0)
  }

  function drawPaths() {
    const box = paths.getBoundingClientRect(), density = Math.min(devicePixelRatio, 2), draw = paths.getContext('2d')
    const w = Math.round(box.width * density), h = Math.round(box.height * density)
    if (paths.width !== w || paths.height !== h) [paths.width, paths.height] = [w, h]
    draw.clearRect(0, 0, w, h)
    const colours = isDark() ? DARK : COLOURS
    for (const [name, places] of Object.entries(walks)) {
      draw.strokeStyle = draw.fillStyle = colours[name]
      draw.lineWidth = 2.5 * density
      draw.lineJoin = 'round'
      draw.beginPath()
      for (const p of places.slice(0, at + 1)) draw.lineTo(...place(p, w, h))
      draw.stroke()
      draw.beginPath()
      draw.arc(...place(places[at], w, h), 5.5 * density, 0, 7)
      draw.fill()
      draw.strokeStyle = isDark() ? '#1b1b1f' : '#fff'
      draw.lineWidth = 1.5 * density
      draw.stroke()
    }
    ring.style.left = `${(from[0] / REACH + 1) * 50}%`
    ring.style.top = `${(1 - from[1] / REACH / RATIO) * 50}%`
  }

  // aloud tells a screen reader too: only where something ends, not at each step.
  function show(aloud) {
    drawPaths()
    const heights = Object.entries(walks).map(([name, p]) => `${name === 'gd' ? 'gradient descent' : name === 'adam' ? 'Adam' : name} at ${loss(...p[at]).toFixed(1)}`)
    says.setAttribute('role', aloud ? 'status' : 'none')
    says.textContent = aloud ? `step ${at}: ${heights.join(', ')}` : `step ${at}`
  }

  function begin(x, y) {
    const bound = (v, most) => Math.max(-most, Math.min(most, v))
    from = [bound(x, REACH * 0.97), bound(y, REACH * RATIO * 0.96)]
    walks = Object.fromEntries(Object.keys(COLOURS).map(name => [name, path(name, from, STEPS)]))
    at = playing ? 0 : STEPS
    waiting = 0
    show(!playing)
  }

  let last = 0, visible = true
  function frame(now) {
    if (!playing || !visible) return
    if (now - last >= 33 && !dragged) {
      last = now
      if (at < STEPS) {
        at++
        show(at === STEPS)
      } else if (++waiting > 90) begin(...from)
    }
    requestAnimationFrame(frame)
  }
  function run(on) {
    playing = on
    play.textContent = on ? 'Pause' : 'Play'
    if (on && at === STEPS) at = 0
    if (on) requestAnimationFrame(frame)
  }

  play.addEventListener('click', () => run(!playing))
  ring.addEventListener('pointerdown', e => {
    ring.setPointerCapture(e.pointerId)
    dragged = true
  })
  ring.addEventListener('pointermove', e => {
    if (!dragged) return
    const box = paths.getBoundingClientRect()
    begin((2 * (e.clientX - box.left) / box.width - 1) * REACH, (1 - 2 * (e.clientY - box.top) / box.height) * REACH * RATIO)
    at = STEPS // the whole walk, while the ring moves
    drawPaths()
  })
  const drop = () => {
    if (!dragged) return
    dragged = false
    begin(...from)
  }
  ring.addEventListener('pointerup', drop)
  ring.addEventListener('pointercancel', drop)
  ring.addEventListener('keydown', e => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key]
    if (!move) return
    e.preventDefault()
    begin(from[0] + 0.2 * move[0], from[1] + 0.2 * move[1])
  })
  begin(...from)
  new ResizeObserver(drawPaths).observe(paths)
  new MutationObserver(() => { drawGround(); drawPaths() }).observe(document.documentElement, { attributes: true, attributeFilter: ['class'] })
  new IntersectionObserver(([e]) => {
    visible = e.isIntersecting
    if (visible && playing) requestAnimationFrame(frame)
  }).observe(walk)
  drawGround()
  run(playing)
  walk.dataset.ready = ''
}
