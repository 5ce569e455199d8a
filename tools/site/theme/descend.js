// Three optimizers on Himmelblau's function, as chapter 3 writes them.

export const loss = (x, y) => (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2
export const gradient = (x, y) => [4 * x * (x * x + y - 11) + 2 * (x + y * y - 7), 2 * (x * x + y - 11) + 4 * y * (x + y * y - 7)]

// Each starts afresh, and returns the step that it takes for a gradient g.
export const optimizers = {
  gd: () => g => g.map(v => -0.004 * v),
  momentum: () => {
    let m = [0, 0]
    return g => {
      m = m.map((v, j) => 0.9 * v + g[j])
      return m.map(v => -0.0006 * v)
    }
  },
  adam: () => {
    let m = [0, 0], v = [0, 0], t = 0
    return g => {
      t++
      m = m.map((w, j) => 0.9 * w + 0.1 * g[j])
      v = v.map((w, j) => 0.999 * w + 0.001 * g[j] * g[j])
      return m.map((w, j) => -0.1 * (w / (1 - 0.9 ** t)) / (Math.sqrt(v[j] / (1 - 0.999 ** t)) + 1e-8))
    }
  },
}

// path returns the places of an optimizer, [[x, y], …], from a start on.
export function path(name, start, steps) {
  const step = optimizers[name](), places = [start]
  for (let i = 0; i < steps; i++) {
    const [x, y] = places.at(-1), [dx, dy] = step(gradient(x, y))
    places.push([x + dx, y + dy])
  }
  return places
}
