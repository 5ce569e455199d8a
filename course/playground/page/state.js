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
  const s = about.surfaces.find(x => x.name === surface) ?? about.surfaces[0]
  return {
    view: 'surface', surface: s.name, start: s.start, opt: ['gd', 'momentum', 'adam'], rate: s.rate, adaptive: 0.05, beta: 0.9,
    beta2: 0.999, eps: 1e-8, decay: 0.01, clip: 0, schedule: 'constant', noise: s.noise, steps: 200, seed: 1, at: 0,
    data: 'moons', points: [], spread: 0.2, samples: 200, hidden: [8, 4], act: 'tanh', l1: 0, l2: 0, drop: 0, trainer: 'adam',
    nrate: 0.02, batch: 16
  }
}

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
