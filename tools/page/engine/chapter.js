// A chapter in the page: runs its cells, as they were compiled beforehand or anew.
import { unpack } from './go.js'
import { has, json, load, progress, sweep } from './store.js'

const CWD = '/course/notebooks', PROGRESS = `${CWD}/descent-progress.jsonl`
const PATIENCE = 20_000 // milliseconds that compiling may go on after a stop; a link on a slow machine takes less
const index = once(() => json('index.json'))

function once(f) {
  let value
  return () => value ??= f().catch(e => { value = undefined; throw e })
}

const compile = async (file, more, unkept) => WebAssembly.compile(await unpack(await load(file, more, unkept)))

// begin starts a worker. gone(message) is called when it ends with an error. A browser that takes a worker away without a word
// tells nobody: then Stop helps. Whoever wants the worker to end calls its end().
function begin(name, gone) {
  const worker = new Worker(new URL(name, import.meta.url), { type: 'module' })
  let over = false
  worker.end = () => {
    over = true
    worker.terminate()
  }
  worker.onerror = e => {
    e.preventDefault?.()
    if (over) return
    worker.end()
    gone(e.message)
  }
  return worker
}

// A Talk with a worker: ask(call, argument) resolves to its reply.
class Talk {
  constructor(name) {
    this.waiting = new Map()
    this.worker = begin(name, message => this.fail(message))
    this.worker.onmessage = ({ data: { id, reply, error } }) => {
      const { resolve, reject } = this.waiting.get(id)
      this.waiting.delete(id)
      error === undefined ? resolve(reply) : reject(new Error(error))
    }
  }

  fail(message) {
    this.worker.end()
    this.broken = new Error(`The compiler's part of the page has ended: ${message || 'the browser gave no reason'}. Run the cell again to start it anew.`)
    for (const { reject } of this.waiting.values()) reject(this.broken)
  }

  // doubt gives a worker that somebody has lost patience with a time to answer what it was asked.
  doubt() {
    const id = this.next
    setTimeout(() => { if (this.waiting.has(id) && !this.broken) this.fail('it does not answer') }, PATIENCE)
  }

  ask(call, argument) {
    if (this.broken) return Promise.reject(this.broken)
    const id = this.next = (this.next ?? 0) + 1
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject })
      this.worker.postMessage({ id, call, ...argument })
    })
  }
}

export class Chapter {
  constructor(name) {
    this.name = name
    this.files = new Map() // what cells have written
    this.programs = new Map() // compiled, by number
    this.packages = new Set() // that the builder has
    this.edits = [] // what the builder must hear again if it is started anew
    this.open = once(async () => {
      const { chapters } = await index()
      if (!chapters[this.name]) throw new Error('This chapter is not prepared for the page. It runs in Jupyter.')
      const chapter = JSON.parse(new TextDecoder().decode(await unpack(await load(chapters[this.name]))))
      for (const path in chapter.files) this.files.set(path, new TextEncoder().encode(chapter.files[path]))
      return chapter
    })
  }

  // program returns the compiled program of a stored cell; undefined if it only declares.
  async program(number) {
    const { program, programs } = await this.open(), which = program[number - 1]
    if (which < 0) return undefined
    if (!this.programs.has(which)) this.programs.set(which, compile(programs[which]).catch(e => { this.programs.delete(which); throw e }))
    return this.programs.get(which)
  }

  // needed returns the files that compiling takes, those of the packages that the chapter imports with them.
  async needed() {
    const x = await index(), { packages } = await this.open()
    return [x.compile, x.link, ...this.packs(x, packages)]
  }

  packs(x, paths) {
    const closure = this.closure(x, paths)
    return x.packs.filter(p => p.packages.some(q => closure.has(q.path)))
  }

  // closure returns all that a program with some imports is linked from.
  closure(x, paths) {
    const all = new Set(), todo = ['runtime', ...paths]
    while (todo.length) {
      const path = todo.pop()
      if (all.has(path) || !(path in x.imports)) continue
      all.add(path)
      todo.push(...x.imports[path] ?? [])
    }
    return all
  }

  // cost returns how many bytes must be fetched before a cell can be compiled.
  async cost() {
    if (this.tools) return 0
    const files = await this.needed()
    return await has(files) ? 0 : files.reduce((sum, f) => sum + f.size, 0)
  }

  // rules returns the builder with the rules for cells, started if it is not.
  async rules() {
    if (this.builder?.broken) {
      this.builder = this.tools = undefined
      this.packages.clear()
    }
    this.builder ??= new Talk('builder.js')
    const builder = this.builder
    builder.front ??= (async () => {
      const x = await index(), { cells } = await this.open()
      await builder.ask('front', { module: await compile(x.front), chapter: { cells, packages: x.names, language: document.documentElement.lang || 'en' } })
      for (const [question, argument] of this.edits) await builder.ask('ask', { question, argument })
    })()
    await builder.front
    return builder
  }

  async ask(question, argument) { return (await this.rules()).ask('ask', { question, argument }) }

  // fetch brings the compiler and what the chapter imports into the worker. report(bytes so far, of all) tells how far it is.
  async fetch(report, unkept) {
    const builder = await this.rules(), x = await index(), files = await this.needed()
    const all = files.reduce((sum, f) => sum + f.size, 0)
    let so = 0
    const more = n => report(so += n, all)
    this.tools ??= Promise.all([compile(x.compile, more, unkept), compile(x.link, more, unkept), this.bring(builder, x, (await this.open()).packages, more, unkept)])
      .then(([compile, link]) => builder.ask('tools', { compile, link, language: x.language }))
      .catch(e => { this.tools = undefined; throw e })
    await this.tools
    sweep(new Set(x.files)).catch(() => {}) // a tidy cache is not worth an error
  }

  async bring(builder, x, paths, more, unkept) {
    await Promise.all(this.packs(x, paths).filter(p => !this.packages.has(p.name)).map(async p => {
      await builder.ask('add', { packed: await load(p, more, unkept), list: p.packages })
      this.packages.add(p.name)
    }))
  }

  // warm builds a small program while the reader types, if everything for it is kept here: the browser makes the compiler's and
  // the linker's code fast only when it has run.
  async warm() {
    if (this.warmed || await this.cost()) return
    this.warmed = true
    await this.fetch(() => {}, () => {})
    const text = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println() }\n'
    await (await this.rules()).ask('build', { files: [{ name: 'warm.go', text }], closure: [...this.closure(await index(), ['fmt'])] })
  }

  // build compiles a planned cell. It returns a module, or why it does not compile, in lines.
  async build(number, text, plan, report, unkept) {
    await this.fetch(report, unkept)
    const builder = await this.rules(), x = await index()
    await this.bring(builder, x, plan.imports ?? [], () => {}, unkept)
    const built = await builder.ask('build', { files: plan.files, closure: [...this.closure(x, plan.imports ?? [])] })
    const argument = { number, text, said: built.said, ok: Boolean(built.module) }
    this.edits.push(['compiled', argument])
    return { ...built, lines: await this.ask('compiled', argument) }
  }

  // run runs a module. on.said(fd, text), on.shown(data), on.cut() are called as it goes on. It resolves to {status, lines, ms}.
  run(module, number, argv, on) {
    this.runner ??= begin('runner.js', message => {
      this.runner = undefined
      this.died?.(message)
    })
    const runner = this.runner
    this.files.set(PROGRESS, new TextEncoder().encode(progress.text()))
    return new Promise((resolve, reject) => {
      this.stopped = () => resolve({ stopped: true })
      this.died = message => reject(new Error(`The browser has ended the cell: ${message || 'it gave no reason; the cell may have taken too much memory'}.`))
      runner.onmessage = async ({ data }) => {
        if (data.said) on.said(...data.said)
        if (data.shown) on.shown(data.shown)
        if (data.cut) on.cut()
        if (!data.ended) return
        const { status, files, tail, ms, memory } = data.ended
        for (const [path, bytes] of files) bytes ? this.files.set(path, bytes) : this.files.delete(path)
        this.stopped = undefined
        if (memory > 1 << 29) this.end() // what a program has taken, a worker does not give back
        // Without a connection the rules may not be there to explain an end: the program's own words have been printed.
        const lines = status ? await this.ask('ended', { status, text: tail }).catch(() => [`exit status ${status}`]) : []
        resolve({ status, ms, memory, lines, ...this.learn() })
      }
      runner.postMessage({ module, argv: ['cell', ...argv], cwd: CWD, files: this.files,
        env: { HOME: '/tmp', TMPDIR: '/tmp', GONB_TMP_DIR: '/tmp', DESCENT_CELL: String(number) } })
    })
  }

  // learn keeps the progress that checks have written: {learned: what is new, full: there is no room for it}.
  learn() {
    const bytes = this.files.get(PROGRESS)
    try {
      return { learned: bytes ? progress.add(new TextDecoder().decode(bytes)) : [] }
    } catch {
      return { full: true }
    }
  }

  // doubt is for a stop while a cell is compiled: it goes on, for the next one, unless the worker is dead.
  doubt() { this.builder?.doubt() }

  send(address, text) { this.runner?.postMessage({ send: [address, text] }) }

  // end ends the worker that runs cells.
  end() {
    this.runner?.end()
    this.runner = undefined
  }

  // stop ends the cell that runs, whatever it does. What was compiled and written before is kept.
  stop() {
    this.end()
    this.stopped?.()
    this.stopped = undefined
  }
}
