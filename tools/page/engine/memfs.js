// A file system in memory, with the part of Node's fs that Go's wasm_exec.js asks for.

const DIRECTORY = 0o40777, FILE = 0o100666
const O_CREAT = 64, O_EXCL = 128, O_TRUNC = 512, O_APPEND = 1024

// MemFS holds files, a Map from absolute paths to Uint8Array. say(fd, bytes) gets what is written to 1 and 2. What a program
// writes goes into new arrays: those of the Map that it began with are never changed, so that programs may share them.
export class MemFS {
  constructor(files, say, cwd = '/') {
    this.files = files
    this.say = say
    this.cwd = cwd
    this.changed = new Set()
    this.dirs = new Set(['/', '/tmp', cwd])
    for (const path of [...files.keys(), cwd + '/x']) {
      for (let i = path.lastIndexOf('/'); i > 0; i = path.lastIndexOf('/', i - 1)) this.dirs.add(path.slice(0, i))
    }
    this.open_ = new Map()
    this.next = 10
  }

  // data returns a file's bytes, or undefined.
  data(path) {
    const f = this.files.get(path)
    return f && (f instanceof Uint8Array ? f : f.bytes.subarray(0, f.size))
  }

  path(p) {
    const parts = []
    for (const part of (p.startsWith('/') ? p : `${this.cwd}/${p}`).split('/')) {
      if (part === '..') parts.pop()
      else if (part && part !== '.') parts.push(part)
    }
    return '/' + parts.join('/')
  }

  // writable returns a file that grows in place.
  writable(path) {
    let f = this.files.get(path)
    if (!f || f instanceof Uint8Array) {
      f = { bytes: f ? f.slice() : new Uint8Array(0), size: f ? f.length : 0 }
      this.files.set(path, f)
    }
    this.changed.add(path)
    return f
  }

  stat(p) {
    const path = this.path(p), file = this.data(path)
    if (this.dirs.has(path)) return info(DIRECTORY, 0)
    if (!file) throw fault('ENOENT')
    return info(FILE, file.length)
  }

  lstat(p) { return this.stat(p) }

  fstat(fd) {
    const o = this.open_.get(fd)
    if (!o) return info(FILE, 0)
    return o.dir ? info(DIRECTORY, 0) : info(FILE, this.data(o.path).length)
  }

  open(p, flags) {
    const path = this.path(p)
    if (this.dirs.has(path)) {
      if (flags & 3) throw fault('EISDIR')
      this.open_.set(this.next, { dir: path, path })
      return this.next++
    }
    const exists = this.files.has(path)
    if (exists && flags & O_CREAT && flags & O_EXCL) throw fault('EEXIST')
    if (!exists && !(flags & O_CREAT) || !this.dirs.has(path.slice(0, path.lastIndexOf('/')) || '/')) throw fault('ENOENT')
    if (!exists || flags & 3) this.writable(path)
    if (flags & O_TRUNC) Object.assign(this.writable(path), { bytes: new Uint8Array(0), size: 0 })
    this.open_.set(this.next, { path, at: 0, append: flags & O_APPEND })
    return this.next++
  }

  close(fd) { this.open_.delete(fd) }

  read(fd, into, offset, length, position) {
    const o = this.open_.get(fd)
    if (!o) return 0 // standard input is empty
    const from = this.data(o.path), at = position ?? o.at, n = Math.max(0, Math.min(length, from.length - at))
    into.set(from.subarray(at, at + n), offset)
    if (position === null || position === undefined) o.at += n
    return n
  }

  write(fd, from, offset, length, position) {
    const bytes = from.subarray(offset, offset + length)
    if (fd === 1 || fd === 2) {
      this.say(fd, bytes)
      return length
    }
    const o = this.open_.get(fd)
    if (!o) throw fault('EBADF')
    const f = this.writable(o.path), at = o.append ? f.size : position ?? o.at
    grow(f, at + length)
    f.bytes.set(bytes, at)
    f.size = Math.max(f.size, at + length)
    if (position === null || position === undefined) o.at = at + length
    return length
  }

  truncate(p, size) {
    const path = this.path(p)
    if (!this.files.has(path)) throw fault('ENOENT')
    const f = this.writable(path)
    grow(f, size)
    f.bytes.fill(0, Math.min(f.size, size))
    f.size = size
  }

  ftruncate(fd, size) { this.truncate(this.open_.get(fd).path, size) }

  mkdir(p) {
    const path = this.path(p)
    if (this.dirs.has(path) || this.files.has(path)) throw fault('EEXIST')
    if (!this.dirs.has(path.slice(0, path.lastIndexOf('/')) || '/')) throw fault('ENOENT')
    this.dirs.add(path)
  }

  readdir(p) {
    const path = this.path(p), prefix = path === '/' ? '/' : path + '/', names = new Set()
    if (!this.dirs.has(path)) throw fault('ENOENT')
    for (const q of [...this.files.keys(), ...this.dirs]) if (q.startsWith(prefix) && q !== prefix) names.add(q.slice(prefix.length).split('/')[0])
    return [...names].sort()
  }

  unlink(p) {
    const path = this.path(p)
    if (!this.files.delete(path)) throw fault('ENOENT')
    this.changed.add(path)
  }

  rmdir(p) {
    if (this.readdir(p).length) throw fault('ENOTEMPTY')
    this.dirs.delete(this.path(p))
  }

  rename(from, to) {
    const a = this.path(from), b = this.path(to)
    if (this.dirs.has(a)) {
      for (const d of [...this.dirs]) if (d === a || d.startsWith(a + '/')) { this.dirs.delete(d); this.dirs.add(b + d.slice(a.length)) }
      for (const f of [...this.files.keys()]) if (f.startsWith(a + '/')) this.rename(f, b + f.slice(a.length))
      return
    }
    if (!this.files.has(a)) throw fault('ENOENT')
    this.files.set(b, this.files.get(a))
    this.files.delete(a)
    this.changed.add(a).add(b)
  }

  // written returns what has changed, by path: bytes, or null for a file that is gone.
  written() {
    const all = new Map()
    for (const path of this.changed) all.set(path, this.data(path)?.slice() ?? null)
    return all
  }

  // node returns what wasm_exec.js takes for Node's fs.
  node() {
    const fs = { constants: { O_WRONLY: 1, O_RDWR: 2, O_CREAT, O_TRUNC, O_APPEND, O_EXCL, O_DIRECTORY: 65536 } }
    const none = () => undefined, refuse = code => () => { throw fault(code) }
    const all = { chmod: none, fchmod: none, chown: none, fchown: none, lchown: none, utimes: none, fsync: none,
      readlink: refuse('EINVAL'), link: refuse('ENOSYS'), symlink: refuse('ENOSYS') }
    for (const name of ['stat', 'lstat', 'fstat', 'open', 'close', 'read', 'write', 'truncate', 'ftruncate', 'mkdir', 'readdir', 'unlink', 'rmdir', 'rename']) {
      all[name] = (...args) => this[name](...args)
    }
    for (const name in all) {
      fs[name] = (...args) => {
        const callback = args.pop()
        let result
        try {
          result = all[name](...args)
        } catch (e) {
          callback(e.code ? e : Object.assign(e, { code: 'EIO' }))
          return
        }
        callback(null, result)
      }
    }
    fs.writeSync = (fd, bytes) => this.write(fd, bytes, 0, bytes.length, null)
    return fs
  }
}

function grow(f, size) {
  if (size <= f.bytes.length) return
  const bytes = new Uint8Array(Math.max(size, 2 * f.bytes.length, 4096))
  bytes.set(f.bytes.subarray(0, f.size))
  f.bytes = bytes
}

const fault = code => Object.assign(new Error(code), { code })

const info = (mode, size) => ({
  dev: 1, ino: 1, mode, nlink: 1, uid: 0, gid: 0, rdev: 0, size, blksize: 4096, blocks: 0, atimeMs: 0, mtimeMs: 0, ctimeMs: 0,
  isDirectory: () => mode === DIRECTORY,
})
