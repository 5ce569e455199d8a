// The worker in which cells run, one after the other. The page ends it to stop a cell.
//
// It takes {module, argv, env, files, cwd} and answers {said: [fd, text]}, {shown: {content, metadata, id}}, {listens: address},
// and at last {ended: {status, files, tail, ms}}. {send: [address, text]} is for the cell that runs.
import { run } from './go.js'
import { MemFS } from './memfs.js'

const MOST = 10 << 20 // bytes that a cell may print, as in the kernel
const listeners = new Map()

onmessage = async ({ data }) => {
  if (data.send) {
    listeners.get(data.send[0])?.(data.send[1])
    return
  }
  listeners.clear()
  const decoders = { 1: new TextDecoder(), 2: new TextDecoder() }
  let printed = 0, tail = ''
  const say = (fd, bytes) => {
    const text = decoders[fd].decode(bytes, { stream: true })
    if (fd === 2) tail = (tail + text).slice(-20_000)
    const left = MOST - printed
    printed += bytes.length
    if (left > 0) postMessage({ said: [fd, bytes.length > left ? text.slice(0, left) : text] })
    if (left > 0 && left <= bytes.length) postMessage({ cut: true })
  }
  globalThis.descentCell = {
    show: (content, metadata, id) => postMessage({ shown: { content, metadata, id } }),
    listen: (address, receive) => {
      listeners.set(address, receive)
      postMessage({ listens: address })
    },
  }
  const fs = new MemFS(data.files, say, data.cwd)
  const begun = performance.now()
  let ended
  try {
    ended = await run(data.module, data.argv, data.env, fs, () => listeners.size > 0)
  } catch (e) {
    // The browser itself ends a program: a stack without end, or memory that is not there.
    tail += `\nfatal error: ${e instanceof RangeError && /call stack/i.test(e.message) ? 'stack overflow' : e.message}\n`
    ended = { status: 2, memory: 0 }
  }
  postMessage({ ended: { ...ended, files: fs.written(), tail, ms: performance.now() - begun } })
}
