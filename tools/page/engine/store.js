// What the page keeps in the browser: the big files of the engine, and the learner's progress.

const here = new URL('.', import.meta.url)
const CACHE = 'descent-engine', PROGRESS = 'descent.exercises'

// The browser's cache, where there is one: a page over plain http has none, except on the reader's own machine.
const cache = () => globalThis.caches?.open(CACHE).catch(() => undefined)

export const json = async name => (await answered(fetch(new URL(name, here)))).json()

async function answered(response) {
  let r
  try {
    r = await response
  } catch {
    throw new Error('There is no connection to the site. What you have is kept; try again later.')
  }
  if (!r.ok) throw new Error(`The site does not have ${r.url.split('/').at(-1)} (${r.status}). Reload the page: it may be newer than this one.`)
  return r
}

// has tells whether all files are in the browser already.
export async function has(files) {
  const c = await cache()
  if (!c) return false
  const found = await Promise.all(files.map(f => c.match(new URL(f.name, here))))
  return found.every(Boolean)
}

// load returns a file's bytes, from the browser if it keeps them. more(bytes) is called as they come in; unkept(), if the
// browser has no room for them.
export async function load(file, more = () => {}, unkept = () => {}) {
  const url = new URL(file.name, here), c = await cache()
  const kept = await c?.match(url)
  if (kept) {
    more(file.size)
    return kept.arrayBuffer()
  }
  const response = await answered(fetch(url, { cache: c ? 'no-store' : 'default' }))
  const parts = []
  const reader = response.body.getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value)
    more(part.value.length)
  }
  const bytes = await new Blob(parts).arrayBuffer()
  // A name has the hash of what is in it: what the cache has is never out of date.
  await c?.put(url, new Response(bytes)).catch(unkept)
  return bytes
}

// sweep removes files of older versions of the site.
export async function sweep(names) {
  const c = await cache()
  for (const request of await c?.keys() ?? []) {
    if (request.url.startsWith(here.href) && !names.has(request.url.slice(here.href.length))) await c.delete(request)
  }
}

// The progress is text: the lines of the file descent-progress.jsonl, which Jupyter has next to the notebooks.
export const progress = {
  text: () => localStorage.getItem(PROGRESS) ?? '',

  // add takes in lines, such as those of another tab or another machine, and returns those that are new. Lines are only ever added.
  add(text) {
    const old = this.text(), seen = new Set(old.split('\n'))
    const fresh = text.split('\n').filter(line => valid(line) && !seen.has(line))
    if (fresh.length) localStorage.setItem(PROGRESS, old + fresh.map(line => line + '\n').join(''))
    return fresh.map(line => JSON.parse(line))
  },

  // right tells whether an exercise, such as LineByHand, was right once.
  right(name) {
    return this.text().split('\n').some(line => valid(line) && JSON.parse(line).exercise === name && JSON.parse(line).state === 'right')
  },
}

// A changed cell is kept under its id until it is reset, and read by its chapter's page when that is opened again.
export const draft = {
  name: ({ notebook, cell, index }) => `descent.cell.${notebook}.${cell ?? index}`,

  get(data) {
    try {
      return localStorage.getItem(this.name(data)) ?? undefined
    } catch {
      return undefined // a page that may keep nothing
    }
  },

  // set keeps a text, or forgets it if there is none. It tells whether it could.
  set(data, text) {
    try {
      if (text === undefined) localStorage.removeItem(this.name(data))
      else localStorage.setItem(this.name(data), text)
      return true
    } catch {
      return false
    }
  },
}

function valid(line) {
  try {
    return typeof JSON.parse(line).exercise === 'string'
  } catch {
    return false
  }
}
