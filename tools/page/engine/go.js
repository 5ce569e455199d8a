// Runs a program of Go, for js/wasm, in a worker.
import './wasm_exec.js'

// run runs a compiled module to its end over a file system and returns {status, memory}. Programs take over the worker's
// fs and process, so that they run one after the other. waits() tells whether the program may be waiting for a call from outside.
export async function run(module, argv, env, fs, waits = () => false) {
  globalThis.fs = fs.node()
  globalThis.process = {
    getuid: () => 0, getgid: () => 0, geteuid: () => 0, getegid: () => 0, getgroups: () => [], pid: 1, ppid: 0, umask: () => 0o22,
    cwd: () => fs.cwd,
    chdir: p => { fs.stat(p); fs.cwd = fs.path(p) },
  }
  const go = new globalThis.Go()
  go.argv = argv
  go.env = env
  let status = 0
  go.exit = code => { status = code }
  const instance = await WebAssembly.instantiate(module, go.importObject)
  // In a page Go cannot know that nothing will ever wake its goroutines. Here the program is idle: without a timer it is a deadlock,
  // and an event that nobody has asked for makes Go say so, as wasm_exec_node.js does.
  const watch = setInterval(() => {
    if (go.exited || go._scheduledTimeouts.size || waits()) return
    go._pendingEvent = { id: 0 }
    go._resume()
  }, 200)
  try {
    await go.run(instance)
  } finally {
    clearInterval(watch)
    for (const t of go._scheduledTimeouts.values()) clearTimeout(t) // else one resumes a program that has ended
  }
  return { status, memory: instance.exports.mem.buffer.byteLength }
}

// unpack returns the bytes of a file that was compressed with gzip, even if the host or the browser has unpacked it already.
export async function unpack(packed) {
  const bytes = new Uint8Array(packed)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer())
}
