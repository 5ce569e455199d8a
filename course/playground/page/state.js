// What is on the screen as an address, and back. A setting that an address does not name has its default, and one that
// it names wrongly too, so that old addresses and mistyped ones open.

export const VERSION = 1

const number = (lo, hi) => ({
  read: text => {
    const v = Number(text)
    return text !== '' && Number.isFinite(v) && v >= lo && v <= hi ? v : undefined
  },
  write: v => String(Number(v.toPrecision(6)))
})
const whole = (lo, hi) => ({
  read: text => /^\d+$/.test(text) && Number(text) >= lo && Number(text) <= hi ? Number(text) : undefined,
  write: String
})
const one = names => ({ read: text => names.includes(text) ? text : undefined, write: String })
const some = names => ({
  read: text => {
    const list = text.split(',').filter(n => names.includes(n))
    return list.length ? [...new Set(list)] : undefined
  },
  write: list => list.join(',')
})
const list = (item, most) => ({
  read: text => {
    if (text === '') return []
    const values = text.split(',').map(item.read)
    return values.length <= most && !values.includes(undefined) ? values : undefined
  },
  write: values => values.map(item.write).join(',')
})
const pair = item => ({
  read: text => {
    const v = text.split(',').map(item.read)
    return v.length === 2 && !v.includes(undefined) ? v : undefined
  },
  write: v => v.map(item.write).join(',')
})
// Points that were drawn: x, y in hundredths and the class, as in 12.-150.1 for (0.12, −1.5) of class 1.
const points = {
  read: text => {
    const all = text.split('_').filter(Boolean).slice(0, 400).map(p => /^(-?\d{1,4})\.(-?\d{1,4})\.([01])$/.exec(p))
    return all.includes(null) ? undefined : all.map(m => [m[1] / 100, m[2] / 100, Number(m[3])])
  },
  write: all => all.map(([x, y, c]) => `${Math.round(x * 100)}.${Math.round(y * 100)}.${c}`).join('_')
}

// kinds returns what each setting may be; about is what the library says that there is.
export function kinds(about) {
  const names = key => about[key].map(x => x.name ?? x)
  return {
    view: one(['surface', 'network']),
    surface: one(names('surfaces')),
    start: pair(number(-1e3, 1e3)),
    opt: some(about.methods.filter(m => m.walks).map(m => m.name)),
    rate: number(1e-6, 100),
    adaptive: number(1e-6, 100),
    beta: number(0, 0.9999),
    beta2: number(0, 0.999999),
    eps: number(1e-12, 10),
    decay: number(0, 10),
    clip: number(0, 1e4),
    schedule: one(about.schedules),
    noise: number(0, 100),
    steps: whole(1, 2000),
    seed: whole(0, 4294967295),
    at: whole(0, 2000),
    data: one([...about.shapes, 'drawn']),
    points,
    spread: number(0, 3),
    samples: whole(8, 1000),
    hidden: list(whole(1, 32), 4),
    act: one(about.activations),
    l1: number(0, 10),
    l2: number(0, 10),
    drop: number(0, 0.9),
    trainer: one(about.methods.filter(m => m.trains).map(m => m.name)),
    nrate: number(1e-6, 100),
    batch: whole(0, 1000)
  }
}

// defaults returns the settings for a surface, or for the first one.
export function defaults(about, surface) {
  const s = about.surfaces.find(x => x.name === surface) ?? about.surfaces[0], u = about.usual, n = about.network
  return {
    view: 'surface', surface: s.name, start: s.start, opt: u.optimizers, rate: s.rate, adaptive: u.adaptive, beta: u.momentum, beta2: u.beta2,
    eps: u.epsilon, decay: u.decay, clip: u.clip, schedule: u.schedule, noise: s.noise, steps: u.steps, seed: u.seed, at: 0,
    data: n.data, points: n.points, spread: n.noise, samples: n.samples, hidden: n.hidden, act: n.activation, l1: n.l1, l2: n.l2,
    drop: n.dropout, trainer: n.optimizer, nrate: n.rate, batch: n.batch
  }
}

// walk and net are the settings as the library names them: of optimizers on a surface, and of a network.
export const walk = s => ({
  surface: s.surface, start: s.start, steps: s.steps, optimizers: s.opt, rate: s.rate, adaptive: s.adaptive, momentum: s.beta, beta2: s.beta2,
  epsilon: s.eps, decay: s.decay, clip: s.clip, schedule: s.schedule, noise: s.noise, seed: s.seed
})
export const net = s => ({
  data: s.data, points: s.points, noise: s.spread, samples: s.samples, hidden: s.hidden, activation: s.act, l1: s.l1, l2: s.l2, dropout: s.drop,
  optimizer: s.trainer, rate: s.nrate, momentum: s.beta, batch: s.batch, seed: s.seed
})

// read makes settings of an address' fragment.
export function read(hash, about) {
  const given = new URLSearchParams(hash.replace(/^#/, '')), all = kinds(about)
  const state = defaults(about, given.get('surface'))
  for (const [name, kind] of Object.entries(all)) {
    const value = given.has(name) ? kind.read(given.get(name)) : undefined
    if (value !== undefined) state[name] = value
  }
  return state
}

// write makes a fragment of settings: the version, and what is not as usual.
export function write(state, about) {
  const all = kinds(about), usual = defaults(about, state.surface), q = new URLSearchParams({ v: VERSION })
  for (const [name, kind] of Object.entries(all)) {
    const text = kind.write(state[name])
    if (name === 'surface' || text !== kind.write(usual[name])) q.set(name, text)
  }
  return '#' + q
}
