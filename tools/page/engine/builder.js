// The worker that compiles: the rules for cells (front), Go's compiler, Go's linker.
//
// It takes {id, call, …} and answers {id, reply} or {id, error}, one after the other.
import { run, unpack } from './go.js'
import { MemFS } from './memfs.js'

const packages = new Map() // compiled packages by path
let modules = {}

const calls = {
  // front starts the rules for a chapter: {module, chapter}.
  async front({ module, chapter }) {
    const ready = new Promise(resolve => { globalThis.descentFrontReady = resolve })
    run(module, ['front'], {}, new MemFS(new Map(), (fd, bytes) => console.error(new TextDecoder().decode(bytes))), () => true)
    await ready
    return ask('open', chapter)
  },

  // ask asks the rules: {question, argument}.
  ask({ question, argument }) { return ask(question, argument) },

  // tools takes the compiler and the linker: {compile, link}.
  tools(m) { modules = m },

  // add takes packages: {packed, list}, where list has the path and size of each.
  async add({ packed, list }) {
    const bytes = await unpack(packed)
    let at = 0
    for (const { path, size } of list) {
      packages.set(path, bytes.subarray(at, at + size))
      at += size
    }
  },

  // build compiles and links: {files, closure}; it returns {said, wasm, ms}.
  async build({ files, closure }) {
    const disk = new Map(), encode = text => new TextEncoder().encode(text)
    let config = '', said = ''
    for (const path of closure) {
      disk.set(`/p/${path}.a`, packages.get(path))
      config += `packagefile ${path}=/p/${path}.a\n`
    }
    disk.set('/w/importcfg', encode(config))
    for (const { name, text } of files) disk.set(`/w/${name}`, encode(text))
    const fs = new MemFS(disk, (fd, bytes) => { said += new TextDecoder().decode(bytes) }, '/w')
    const env = { GOROOT: '/go', GOOS: 'js', GOARCH: 'wasm', TMPDIR: '/tmp', PWD: '/w', GOGC: 'off', GOMEMLIMIT: '1GiB' }
    const ms = [performance.now()]
    const compiled = await run(modules.compile, ['compile', '-o', '/w/main.a', '-p', 'main', '-complete', '-dwarf=false', '-pack', '-c=1',
      `-lang=${modules.language}`, '-importcfg', '/w/importcfg', ...files.map(f => f.name)], env, fs)
    ms.push(performance.now())
    if (compiled.status) return { said, ms }
    const linked = await run(modules.link, ['link', '-o', '/w/main.wasm', '-importcfg', '/w/importcfg', '-s', '-w', '-buildmode=exe', '/w/main.a'], env, fs)
    ms.push(performance.now())
    if (linked.status) return { said, ms }
    const module = await WebAssembly.compile(fs.data('/w/main.wasm').slice())
    ms.push(performance.now())
    return { said, module, ms, memory: [compiled.memory, linked.memory] }
  },
}

function ask(question, argument) {
  const answer = JSON.parse(globalThis.descentFront(question, JSON.stringify(argument)))
  if (answer?.error) throw new Error(answer.error)
  return answer
}

let last = Promise.resolve()
onmessage = ({ data: { id, call, ...argument } }) => {
  last = last.then(async () => {
    try {
      postMessage({ id, reply: await calls[call](argument) })
    } catch (e) {
      postMessage({ id, error: String(e.message ?? e) })
    }
  })
}
