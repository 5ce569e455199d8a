// The playground's half that computes: the library, compiled to WebAssembly. It answers messages {id, call, arg}
// one after the other with {id, reply}.
/* global Go, descent */
importScripts('wasm_exec.js')

const ready = new Promise(resolve => { self.descentReady = resolve })

async function start() {
  const go = new Go()
  let module
  try {
    // The compressed file comes as it is from any static host; the browser unpacks it.
    const packed = await fetch('playground.wasm.gz')
    if (!packed.ok) throw new Error(packed.statusText)
    const bytes = await new Response(packed.body.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer()
    module = await WebAssembly.instantiate(bytes, go.importObject)
  } catch (e) {
    postMessage({ fatal: String(e.message ?? e) })
    return
  }
  go.run(module.instance).then(() => postMessage({ fatal: 'the program has ended' }))
}

onmessage = async ({ data: { id, call, arg } }) => {
  await ready
  postMessage({ id, reply: JSON.parse(descent(call, JSON.stringify(arg ?? null))) })
}

start()
