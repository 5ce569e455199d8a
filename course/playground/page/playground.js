// The playground: controls and pictures here, everything that computes in worker.js.
import { colour, colours, curves, firstStep, fit, grid, ink, paths, scatter, short, surface, whenDark, wires } from './draw.js'
import { defaults, net, read, walk, write } from './state.js'

const $ = id => document.getElementById(id)
const worker = new Worker('worker.js')
const waiting = new Map()
let asked = 0

worker.onmessage = ({ data }) => {
  if (data.fatal) return say(`The library could not be started: ${data.fatal}. Reload the page to try again.`)
  waiting.get(data.id)?.(data.reply)
  waiting.delete(data.id)
}
worker.onerror = e => say(`The library could not be started: ${e.message || 'no answer'}. A page that is opened as a file cannot do it: ` +
  'serve the folder (make serve-site does), and open the address that it prints.')

const ask = (call, arg) => new Promise(resolve => {
  waiting.set(++asked, resolve)
  worker.postMessage({ id: asked, call, arg })
})

function say(text) {
  $('status').textContent = text
  $('status').hidden = !text
}

let about, state
const MAP = { width: 241, height: 151 }

// ---- Optimizers on a surface

let runs = [], place, heights, bend, playing = false, latest = 0, timer
const toX = x => (x - place.lo[0]) / (place.hi[0] - place.lo[0]) * $('map').clientWidth
const toY = y => (place.hi[1] - y) / (place.hi[1] - place.lo[1]) * $('map').clientHeight
const titleOf = r => about.methods.find(m => m.name === r.method).title

async function newSurface() {
  const mine = place = about.surfaces.find(s => s.name === state.surface)
  $('formula').textContent = `f(x, y) = ${place.formula}`
  const reply = await ask('heights', { Surface: state.surface, Width: MAP.width, Height: MAP.height })
  if (mine !== place) return
  heights = reply
  drawMap()
  await descend()
}

function drawMap() {
  surface($('map'), heights, MAP.width, MAP.height, place)
}

// descend has all paths computed again; of several requests that wait only the last one counts.
async function descend() {
  const mine = ++latest, goal = place.minima[0]
  const [reply, here, there] = await Promise.all([ask('descend', walk(state)),
    ask('curvature', { Surface: state.surface, X: state.start[0], Y: state.start[1] }), ask('curvature', { Surface: state.surface, X: goal[0], Y: goal[1] })])
  if (mine !== latest) return
  if (reply.error) return say(reply.error)
  say('')
  runs = reply
  bend = { here, there }
  draw()
  explain()
}

// drawFirstStep draws on the paths the first step of gradient descent, or the task says why there is none.
function drawFirstStep() {
  const r = runs.find(r => r.method === 'gd'), to = r && r.path.length > 2 && [toX(r.path[2]), toY(r.path[3])]
  const from = r && [toX(r.path[0]), toY(r.path[1])], length = to ? Math.hypot(to[0] - from[0], to[1] - from[1]) : 0
  const hint = !r ? "There is an arrow where gradient descent walks: tick it, and watch the arrow, its first step."
    : length < 4 ? "There is no arrow, as at the ring there is hardly a slope or α is tiny: drag the ring from the floor up a side."
      : "Turn α up and down once more, and watch the arrow at the ring: gradient descent's first step."
  if ($('hint').textContent !== hint) $('hint').textContent = hint
  if (length >= 4) firstStep($('paths'), from, to, levelAlong(from, [(to[0] - from[0]) / length, (to[1] - from[1]) / length], r.loss[0]), r.loss[1] > r.loss[0])
}

// levelAlong returns after how many pixels a way over the map is higher than a height, having been lower, or 0 if it never is.
function levelAlong(from, along, height) {
  const w = $('map').clientWidth, h = $('map').clientHeight
  let lower = 0
  for (let far = 1; ; far++) {
    const x = (from[0] + far * along[0]) / w * (MAP.width - 1), y = (from[1] + far * along[1]) / h * (MAP.height - 1)
    const i = Math.floor(x), j = Math.floor(y)
    if (!(i >= 0 && j >= 0 && i + 1 < MAP.width && j + 1 < MAP.height)) return 0
    const at = (di, dj) => heights[(j + dj) * MAP.width + i + di]
    const here = (at(0, 0) * (i + 1 - x) + at(1, 0) * (x - i)) * (j + 1 - y) + (at(0, 1) * (i + 1 - x) + at(1, 1) * (x - i)) * (y - j)
    if (here < height) lower = far
    else if (lower) return far
  }
}

// After α has changed the first steps are shown one by one, for less than a second, and then again the whole run.
const GLIMPSE = 20, still = matchMedia('(prefers-reduced-motion: reduce)')
let glimpsed, glimpseTimer, glimpseFrame
function glimpse(on) {
  clearTimeout(glimpseTimer)
  cancelAnimationFrame(glimpseFrame)
  glimpsed = undefined
  if (!on || still.matches || playing || state.at < state.steps) return
  glimpseTimer = setTimeout(() => {
    const begun = performance.now()
    const frame = now => {
      const step = Math.max(0, Math.floor((now - begun) / 750 * (GLIMPSE + 1)))
      const next = step > GLIMPSE ? undefined : step
      if (next !== glimpsed) {
        glimpsed = next
        draw()
      }
      if (next !== undefined) glimpseFrame = requestAnimationFrame(frame)
    }
    frame(begun)
  }, 200)
}

function draw() {
  const begun = performance.now(), shownAt = Math.min(glimpsed ?? state.at, state.steps)
  const handle = $('handle').style, canvas = $('map')
  handle.left = `${Math.max(0, Math.min(canvas.clientWidth, toX(state.start[0])))}px`
  handle.top = `${Math.max(0, Math.min(canvas.clientHeight, toY(state.start[1])))}px`
  paths($('paths'), runs, shownAt, place.minima, toX, toY)
  drawFirstStep()
  const theory = runs.filter(r => $('distance').checked && r.factor > 0)
    .map(r => ({ colour: colour(r.method), dashed: true, values: Array.from({ length: state.steps + 1 }, (_, i) => r.distance[0] * r.factor ** i) }))
  const what = $('distance').checked ? 'distance' : 'loss'
  curves($('curve'), [...runs.map(r => ({ colour: colour(r.method), values: r[what] })), ...theory], state.steps, shownAt, $('log').checked,
    $('distance').checked ? 'distance to the nearest minimum (dashed: theory)' : 'loss, the height at each step')
  $('at').textContent = `step ${shownAt} of ${state.steps}`
  const rows = runs.map(r => {
    const i = Math.min(shownAt, r.loss.length - 1)
    return [titleOf(r), r.diverged && shownAt >= r.loss.length - 1 ? 'diverged' : short(r.loss[i]), short(r.distance[i]), r.method]
  })
  const body = $('score').tBodies[0]
  while (body.rows.length > rows.length) body.deleteRow(-1)
  rows.forEach((row, k) => {
    const tr = body.rows[k] ?? body.insertRow()
    if (tr.cells.length === 0) for (let j = 0; j < 3; j++) tr.insertCell()
    if (tr.dataset.method !== row[3]) {
      tr.dataset.method = row[3]
      tr.cells[0].replaceChildren(swatch(row[3]), ' ', row[0])
    }
    for (const j of [1, 2]) if (tr.cells[j].textContent !== row[j]) tr.cells[j].textContent = row[j]
  })
  spent.push(performance.now() - begun)
  if (spent.length > 500) spent.shift()
}
function swatch(method) {
  const s = Object.assign(document.createElement('span'), { className: 'swatch' })
  for (const c of colours(method)) s.style.background = c // a browser that does not know the second keeps the first
  return s
}

const spent = [] // milliseconds of the main thread for each drawing; the tests read them
window.playgroundSpent = spent

// explain says in words what the pictures show, for ears as well.
function explain() {
  const limit = 2 / bend.there.most, plain = state.rate > limit, out = runs.filter(r => r.diverged).map(titleOf)
  const parts = []
  parts.push(plain
    ? `α is ${short(state.rate)}, above 2/λmax = ${short(limit)}: gradient descent jumps over the valley and lands higher than it began.`
    : `Gradient descent calms down as long as α is below 2/λmax = ${short(limit)}; α is ${short(state.rate)}.`)
  parts.push(`λ, the curvature, is how fast the slope changes: ${short(bend.there.most)} along the steepest way at the minimum and ` +
    `${short(bend.there.least)} across (condition number ${short(bend.there.most / bend.there.least)}); at the start ${short(bend.here.most)} and ${short(bend.here.least)}.`)
  const bad = Object.assign(document.createElement('span'), { className: 'bad', textContent: `${out.join(', ')} diverged. ` })
  $('why').replaceChildren(...out.length ? [bad] : [], parts.join(' '))
  const [lo, hi] = document.querySelector('[name=rate]').dataset.log.split(',').map(Number)
  const share = Math.max(0, Math.min(1, (Math.log10(limit) - lo) / (hi - lo)))
  $('limit').style.setProperty('--limit', share)
  $('limit').firstChild.textContent = `calms down ← ${short(limit)} → climbs out`
  $('map').setAttribute('aria-label', `Map of ${place.title}: ${place.formula}. ` + runs.map(r =>
    `${titleOf(r)} ends at loss ${short(r.loss.at(-1))}`).join(', '))
  $('curve').setAttribute('aria-label', `Loss over ${state.steps} steps. ` + runs.map(r =>
    `${titleOf(r)} from ${short(r.loss[0])} to ${short(r.loss.at(-1))}`).join(', '))
  quest()
}

// The three tasks: break it, mend it, say why. Each opens the next.
let done = 0, right = false
const broken = new Set() // what has diverged, and where
function quest() {
  const here = r => `${r.method} on ${state.surface}`, out = runs.filter(r => r.diverged)
  if (done < 2) for (const r of out) broken.add(here(r))
  if (done === 0 && out.length) done = 1
  else if (done === 1 && !out.length && runs.some(r => broken.has(here(r)))) done = 2 // to send it away mends nothing
  if (done === 2 && right) done = 3
  if (done === 3 && $('todo')) $('todo').textContent = ' '
  ;[...$('quest').children].forEach((li, i) => {
    li.classList.toggle('done', i < done)
    if (i === done) li.setAttribute('aria-current', 'step'); else li.removeAttribute('aria-current')
  })
  for (const b of $('reasons').children) b.disabled = done < 1
  if (done === 1 && !$('reasons').querySelector('[aria-pressed=true]')) $('answer').textContent = ''
}

function watchQuest() {
  for (const b of $('reasons').querySelectorAll('button')) b.onclick = () => {
    $('answer').textContent = b.dataset.answer.replace('LIMIT', short(2 / bend.there.most))
    right = 'right' in b.dataset
    if (right) $('answer').append(Object.assign(document.createElement('span'), { id: 'todo', textContent: done < 2 ? ' Now mend it. ' : ' ' }), Object.assign(document.createElement('a'), { href: '00-start-here.html', textContent: 'On to the first chapter' }))
    for (const other of $('reasons').querySelectorAll('button')) other.setAttribute('aria-pressed', String(other === b))
    quest()
    $('answer').scrollIntoView({ block: 'nearest', behavior: still.matches ? 'auto' : 'smooth' })
  }
}

// play starts or ends the film; where it ends the address is kept, unless another one has just come.
function play(on, keep = true) {
  const was = playing
  glimpse(false)
  playing = on
  $('play').textContent = on ? 'Pause' : 'Play'
  cancelAnimationFrame(timer)
  if (!on) {
    if (was && keep) remember()
    return
  }
  if (state.at >= state.steps) state.at = 0
  let last = performance.now(), owed = 0
  const frame = now => {
    owed += Math.max(0, now - last) / 1000 * [4, 12, 30, 80, 250][$('speed').value]
    last = now
    const whole = Math.floor(owed)
    owed -= whole
    if (whole) {
      state.at = Math.min(state.steps, state.at + whole)
      draw()
    }
    if (state.at >= state.steps) return play(false)
    timer = requestAnimationFrame(frame)
  }
  timer = requestAnimationFrame(frame)
}

function moveStart(x, y) {
  const inside = (v, k) => Math.max(place.lo[k], Math.min(place.hi[k], v))
  state.start = [inside(x, 0), inside(y, 1)].map(v => Number(v.toPrecision(4)))
  play(false)
  state.at = state.steps
  descend()
}

function watchStart() {
  const map = document.querySelector('#surface .map')
  let grip // where the ring was taken
  const to = e => {
    const box = map.getBoundingClientRect()
    moveStart(place.lo[0] + (e.clientX - grip[0] - box.left) / box.width * (place.hi[0] - place.lo[0]),
      place.hi[1] - (e.clientY - grip[1] - box.top) / box.height * (place.hi[1] - place.lo[1]))
  }
  map.addEventListener('pointerdown', e => {
    const ring = e.target === $('handle') && $('handle').getBoundingClientRect()
    if (!ring && ['touch', 'pen'].includes(e.pointerType)) return // it scrolls
    grip = ring ? [e.clientX - ring.left - ring.width / 2, e.clientY - ring.top - ring.height / 2] : [0, 0]
    map.setPointerCapture(e.pointerId)
    to(e)
    map.onpointermove = to
  })
  for (const end of ['pointerup', 'pointercancel']) map.addEventListener(end, () => {
    if (!map.onpointermove) return
    map.onpointermove = null
    state.at = 0
    play(true)
  })
  $('handle').addEventListener('keydown', e => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key]
    if (!by) return
    e.preventDefault()
    moveStart(state.start[0] + by[0] * (place.hi[0] - place.lo[0]) / 50, state.start[1] + by[1] * (place.hi[1] - place.lo[1]) / 50)
    remember()
  })
}

// ---- A network

let picture, training = false, renewing = 0, pen = [0, 0] // where the keys draw
const FIELD = 60, UNIT = 20

function drawPen(c, w) {
  if (document.activeElement !== $('field')) return
  c.strokeStyle = ink()
  c.lineWidth = 2
  c.strokeRect((pen[0] + 3) / 6 * w - 7, (3 - pen[1]) / 6 * w - 7, 14, 14)
}

async function renew() {
  const mine = ++renewing
  train(false)
  const reply = await ask('network', net(state))
  if (mine !== renewing) return
  if (reply.error) {
    picture = undefined
    $('verdict').textContent = sentence(reply.error)
    return drawPoints()
  }
  say('')
  picture = reply
  $('checked').textContent = ''
  drawNetwork()
}

const sentence = text => text.charAt(0).toUpperCase() + text.slice(1) + '.'

// drawPoints shows what was drawn so far, where there is no network yet.
function drawPoints() {
  const { c, w } = fit($('field'))
  scatter(c, w, state.points.flat(), true)
  drawPen(c, w)
  $('units').replaceChildren()
  fit($('wires'))
}

const small = document.createElement('canvas')

function drawNetwork() {
  const begun = performance.now()
  grid(small, picture.field.map(p => 2 * p - 1), FIELD)
  const { c, w } = fit($('field'))
  c.imageSmoothingEnabled = true
  c.drawImage(small, 0, 0, w, w)
  scatter(c, w, picture.held, false)
  scatter(c, w, picture.points, true)
  drawPen(c, w)
  const n = picture.train.length - 1
  curves($('losses'), [{ colour: ink(), values: picture.train }, { colour: ink(), values: picture.validation, dashed: true }], Math.max(10, n), n, false,
    'loss: solid on points it learns, dashed on others')
  drawUnits()
  $('epochs').textContent = `epoch ${picture.epoch}`
  spent.push(performance.now() - begun)
  if (spent.length > 500) spent.shift()
}

// The inputs as pictures: x grows to the right, y upwards.
const INPUTS = [0, 1].map(k => Array.from({ length: UNIT * UNIT }, (_, i) => k ? 1 - 2 * (Math.floor(i / UNIT) + 0.5) / UNIT : 2 * (i % UNIT + 0.5) / UNIT - 1))

// drawUnits draws the network itself: inputs, each unit's picture, the output, and the weights between them.
function drawUnits() {
  const all = [INPUTS, ...picture.units, [picture.field.map(p => 2 * p - 1)]], layers = $('units')
  const turns = training ? Math.ceil(all.flat().length / 24) : 1 // of many units not all are painted anew each time
  let turn = picture.epoch
  while (layers.children.length > all.length) layers.lastChild.remove()
  all.forEach((units, k) => {
    const row = layers.children[k] ?? layers.appendChild(document.createElement('div'))
    while (row.children.length > units.length) row.lastChild.remove()
    units.forEach((values, j) => {
      if (turn++ % turns && row.children[j]) return
      const canvas = row.children[j] ?? row.appendChild(document.createElement('canvas'))
      canvas.setAttribute('role', 'img')
      canvas.setAttribute('aria-label', k === 0 ? `Input ${'xy'[j]}` : k === all.length - 1 ? 'Output' : `Unit ${j + 1} of layer ${k}`)
      const most = values.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-9)
      grid(canvas, values.map(v => v / most), Math.sqrt(values.length))
    })
  })
  const rows = [...layers.children].map(row => [...row.children].map(e => [e.offsetLeft + e.offsetWidth / 2, e.offsetTop + e.offsetHeight / 2 + layers.offsetTop]))
  const names = Object.keys(picture.weights).filter(name => name.endsWith('weights')).sort((a, b) => parseInt(a) - parseInt(b))
  wires($('wires'), rows, names.map(name => picture.weights[name]))
}

function verdict() {
  if (!picture) return
  const t = picture.train.at(-1), v = picture.validation.at(-1), best = picture.validation.reduce((m, v) => Math.min(m, v)), when = picture.validation.indexOf(best)
  let text = `After epoch ${picture.epoch} the loss is ${short(t)} on the points it learns from and ${short(v)} on the others.`
  if (picture.epoch > 20 && v > 1.15 * best && t < best) text += ` The second was best (${short(best)}) after epoch ${when}: since then it overfits.`
  $('verdict').textContent = text
  $('field').setAttribute('aria-label', text)
}

async function learn(epochs) {
  const reply = await ask('learn', epochs)
  if (reply.error) {
    train(false)
    $('verdict').textContent = sentence(reply.error)
    return false
  }
  picture = reply
  drawNetwork()
  return true
}

async function train(on) {
  if (training === on) return
  training = on
  $('train').textContent = on ? 'Pause' : 'Train'
  if (!on) {
    if (picture) drawNetwork()
    return verdict()
  }
  const mine = renewing
  while (training && mine === renewing) {
    if (!picture || !await learn(1)) return
    if (picture.epoch % 50 === 0) verdict()
    await new Promise(requestAnimationFrame)
  }
}

function watchField() {
  const canvas = $('field')
  let last
  const put = (x, y) => {
    if (Math.abs(x) > 3 || Math.abs(y) > 3 || (last && Math.hypot(x - last[0], y - last[1]) < 0.15) || state.points.length >= 400) return
    if (state.data !== 'drawn') change('data', 'drawn', false)
    last = [x, y]
    state.points = [...state.points, [Math.round(x * 100) / 100, Math.round(y * 100) / 100, Number(document.querySelector('[name=pen]:checked').value)]]
    picture = undefined
    renewing++
    train(false)
    drawPoints()
  }
  const end = () => {
    remember()
    renew()
  }
  const follow = e => {
    const box = canvas.getBoundingClientRect()
    put((e.clientX - box.left) / box.width * 6 - 3, 3 - (e.clientY - box.top) / box.height * 6)
  }
  canvas.addEventListener('pointerdown', e => {
    canvas.setPointerCapture(e.pointerId)
    last = undefined
    follow(e)
    canvas.onpointermove = follow
  })
  for (const up of ['pointerup', 'pointercancel']) canvas.addEventListener(up, () => {
    if (!canvas.onpointermove) return
    canvas.onpointermove = null
    end()
  })
  canvas.addEventListener('keydown', e => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key]
    if (by) pen = pen.map((v, k) => Math.max(-2.9, Math.min(2.9, v + by[k] / 5)))
    else if (e.key === 'Enter') {
      last = undefined
      put(...pen)
      end()
    } else return
    e.preventDefault()
    $('verdict').textContent = `The pen is at ${short(pen[0])}, ${short(pen[1])}.`
    picture ? drawNetwork() : drawPoints()
  })
}

// ---- Controls

const FORMS = { 'surface-form': newRun, 'network-form': renew }

// newRun shows the whole run of new settings, unless somebody has stopped at a step to compare.
function newRun() {
  if (playing || !state.at) state.at = state.steps
  play(false)
  remember()
  return descend()
}

async function newRate() {
  const mine = state
  await newRun()
  if (state === mine) glimpse(true)
}

// A range goes evenly from data-from to data-to, or by powers of ten, with 0 at its left end where there is data-zero.
const scale = {
  set(input, value) {
    if (input.dataset.log) {
      const [lo, hi] = input.dataset.log.split(',').map(Number)
      input.value = value > 0 ? (Math.log10(value) - lo) / (hi - lo) * 1000 : 0
    } else {
      const [lo, hi] = [Number(input.dataset.from), Number(input.dataset.to)]
      input.value = (value - lo) / (hi - lo) * 1000
    }
  },
  get(input) {
    const t = input.value / 1000
    if (input.dataset.log) {
      const [lo, hi] = input.dataset.log.split(',').map(Number)
      return t === 0 && 'zero' in input.dataset ? 0 : Number((10 ** (lo + t * (hi - lo))).toPrecision(3))
    }
    const [lo, hi] = [Number(input.dataset.from), Number(input.dataset.to)]
    return Number((lo + t * (hi - lo)).toPrecision(3))
  }
}

function bind() {
  const options = (name, list) => {
    for (const select of document.querySelectorAll(`select[name=${name}]`)) select.append(...list.map(([value, text]) => new Option(text, value)))
  }
  options('surface', about.surfaces.map(s => [s.name, s.title]))
  options('schedule', about.schedules.map(s => [s, { constant: 'constant', cosine: 'cosine', exponential: 'exponential, to 1 %', onecycle: 'one cycle' }[s] ?? s]))
  options('data', [...about.shapes.map(s => [s, s]), ['drawn', 'drawn by hand']])
  options('act', about.activations.map(s => [s, s]))
  options('trainer', about.methods.filter(m => m.trains).map(m => [m.name, m.title]))
  for (const m of about.methods.filter(m => m.walks)) {
    const label = document.createElement('label'), box = document.createElement('input')
    box.type = 'checkbox'
    box.value = m.name
    label.append(box, swatch(m.name), ' ', m.title)
    $('opt').append(label)
  }
  $('opt').addEventListener('change', () => {
    const on = [...$('opt').querySelectorAll('input:checked')].map(i => i.value)
    if (on.length) change('opt', on)
    else show()
  })
  for (const [form, renewed] of Object.entries(FORMS)) {
    $(form).addEventListener('submit', e => e.preventDefault())
    for (const input of $(form).querySelectorAll('[name]')) {
      if (input.type === 'range') {
        input.max = 1000
        input.step = 'any'
      }
      input.addEventListener(input.type === 'range' ? 'input' : 'change', () => {
        let value = input.type === 'range' ? scale.get(input) : input.type === 'number' ? Number(input.value) : input.value
        if (input.name === 'hidden') value = input.value.split(/[ ,;×x-]+/).filter(Boolean).map(Number)
        change(input.name, value, true, ['rate', 'adaptive'].includes(input.name) ? newRate : renewed)
      })
    }
  }
  $('play').onclick = () => play(!playing)
  $('step').onclick = () => { play(false); state.at = Math.min(state.steps, state.at + 1); draw(); remember() }
  for (const [id, by] of [['less', -10], ['more', 10]]) $(id).onclick = () => {
    const input = document.querySelector('#surface-form [name=rate]')
    input.value = Number(input.value) + by
    input.dispatchEvent(new Event('input', { bubbles: true }))
  }
  $('reset').onclick = () => { play(false); state.at = 0; draw(); remember() }
  $('log').onchange = $('distance').onchange = draw
  $('train').onclick = () => train(!training)
  $('epoch').onclick = async () => { train(false); if (picture && await learn(1)) verdict() }
  $('restart').onclick = renew
  $('clear').onclick = () => { state.points = []; change('data', 'drawn') }
  $('check').onclick = async () => { const r = await ask('gradient'); $('checked').textContent = sentence(r.error ?? r) }
  $('link').onclick = async () => {
    remember()
    await navigator.clipboard?.writeText(location.href).then(() => copied('The address is copied.'), () => copied('The address bar has it.')) ?? copied('The address bar has it.')
  }
  $('code').onclick = listing
  watchStart()
  watchField()
  watchQuest()
  watchFingers()
  addEventListener('hashchange', open)
  const again = () => {
    if (state.view === 'network') return picture ? drawNetwork() : drawPoints()
    if (!heights) return
    drawMap()
    draw()
  }
  addEventListener('resize', again)
  whenDark(again)
  document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('select, input:not([type=range], [type=radio], [type=checkbox])')) return
    if (e.key === ' ' && !e.target.closest('input, button, a, summary')) { e.preventDefault(); state.view === 'surface' ? play(!playing) : train(!training) }
    if (e.key === 'g' && state.view === 'network') $('check').click()
  })
}

// watchFingers keeps a range as it is until a finger on it has moved sideways or was lifted: one that scrolls turns nothing.
function watchFingers() {
  let held
  addEventListener('pointerdown', e => {
    held = e.pointerType === 'touch' && e.target.type === 'range' ? { input: e.target, value: e.target.value, x: e.clientX } : undefined
  }, true)
  addEventListener('pointermove', e => { if (held && Math.abs(e.clientX - held.x) > 6) held = undefined }, true)
  addEventListener('input', e => {
    if (e.target !== held?.input) return
    held.wanted = held.input.value
    held.input.value = held.value
    e.stopImmediatePropagation()
  }, true)
  addEventListener('pointerup', () => {
    const { input, wanted } = held ?? {}
    held = undefined
    if (wanted === undefined) return
    input.value = wanted
    input.dispatchEvent(new Event('input', { bubbles: true }))
  }, true)
  addEventListener('pointercancel', () => { held = undefined }, true)
}

const copied = text => { $('copied').textContent = text }

async function listing() {
  const reply = await (state.view === 'surface' ? ask('code', walk(state)) : ask('networkcode', net(state)))
  $('listing').hidden = false
  $('listing').textContent = reply.error ?? reply
  if (!reply.error) await navigator.clipboard?.writeText(reply).then(() => copied('The code is copied.'), () => copied('')) 
}

// change sets one setting, if it is one, and has what depends on it computed again.
function change(name, value, again = true, renewed) {
  const before = write(state, about)
  state = read(write({ ...state, [name]: value }, about), about)
  if (name === 'surface') {
    const usual = defaults(about, value)
    Object.assign(state, { start: usual.start, rate: usual.rate, noise: usual.noise, at: 0 })
  }
  show()
  if (!again) return
  $('listing').hidden = true
  if (write(state, about) !== before) remember()
  if (name === 'surface') return newSurface()
  return (renewed ?? (state.view === 'network' ? renew : newRun))()
}

// show puts the state into the controls.
function show() {
  $('surface').hidden = state.view !== 'surface'
  $('network').hidden = state.view !== 'network'
  for (const view of ['surface', 'network']) state.view === view ? $(`to-${view}`).setAttribute('aria-current', 'page') : $(`to-${view}`).removeAttribute('aria-current')
  for (const box of $('opt').querySelectorAll('input')) box.checked = state.opt.includes(box.value)
  for (const input of document.querySelectorAll('#surface-form [name], #network-form [name]')) {
    const value = state[input.name], output = input.nextElementSibling
    if (input.type === 'range') {
      if (document.activeElement !== input) scale.set(input, value)
      if (output?.tagName === 'OUTPUT') output.textContent = short(value)
      input.setAttribute('aria-valuetext', short(value))
    } else if (document.activeElement !== input || input.tagName === 'SELECT') input.value = Array.isArray(value) ? value.join(',') : value
  }
}

// remember puts the state into the address, without a new entry in the history.
function remember() {
  history.replaceState(null, '', write(state, about))
}

// open takes the state from the address.
async function open() {
  play(false, false)
  train(false)
  const mine = state = read(location.hash, about)
  if (!location.hash) state.opt = ['gd', 'momentum'] // an address without them means what it always meant
  show()
  document.querySelector('.share').hidden = false
  if (state.view === 'surface') {
    await newSurface()
    if (state === mine && !state.at) play(true)
  } else await renew()
}

// A link to the other view keeps what is set.
for (const view of ['surface', 'network']) $(`to-${view}`).addEventListener('click', e => {
  e.preventDefault()
  if (!about) return
  state.view = view
  history.pushState(null, '', write(state, about))
  open()
})

about = await ask('about')
bind()
await open()
document.body.dataset.ready = 'yes'
