// A cell in the page: its buttons, its editor, what it prints and shows.
import { called, picture } from './picture.js'
import { draft, progress } from './store.js'

const MB = bytes => `${Math.max(1, Math.round(bytes / 1e6))} MB`
const QUIET = 20_000 // milliseconds after which a cell that says nothing is remarked upon

const words = {
  label: number => `Go code of cell ${number}`,
  run: 'Run', edit: 'Edit', stop: 'Stop', reset: 'Reset', progress: 'Progress', keep: 'Export progress', bring: 'Import progress',
  compile: size => `Run: fetches the compiler, ${MB(size)}, once`,
  small: ' On a phone this takes 300 MB of its memory.',
  waiting: 'waits for the cell before it', opening: 'opening', running: 'running', compiling: 'compiling', stopped: 'Stopped. What other cells have written is kept.',
  fetching: (so, all) => `fetching the compiler: ${MB(so)} of ${MB(all)}`,
  notHere: why => `This cell runs in Jupyter only: ${why}. Its stored output is below.`,
  took: s => `${s < 10 ? s.toFixed(1) : Math.round(s)} s`,
  declares: 'Nothing to run here: the cell declares what later cells use.',
  quiet: 'The cell still runs and has said nothing for 20 seconds. If a loop in it never ends, Stop ends it; nothing else is lost.',
  cut: 'The output was cut here: a cell may print 10 MB. The program goes on.',
  unkept: 'This browser has no room to keep the compiler: the next visit must fetch it again.',
  lost: 'This browser has no room for what you have changed: copy it before you leave the page.',
  full: 'This browser has no room for your progress: export it to keep it.',
  brought: n => `${n} ${n === 1 ? 'line is' : 'lines are'} new.`,
}

export class Cell {
  constructor(element, chapter, queue, why, rich) {
    Object.assign(this, { element, chapter, queue, rich, number: Number(element.dataset.index) + 1 })
    this.source = element.querySelector('pre.source')
    this.outputs = element.querySelector('.outputs')
    this.stored = this.source.textContent
    this.tools = element.querySelector('.tools')
    if ('notHere' in element.dataset || why) {
      if (!element.querySelector('.not-here')) this.tools.append(words.notHere(why))
      return
    }
    this.buttons = {
      run: this.button(words.run, () => this.run()),
      stop: this.button(words.stop, () => this.stop()),
      edit: this.button(words.edit, () => this.edit()),
      reset: this.button(words.reset, () => this.reset()),
    }
    this.status = element.ownerDocument.createElement('span')
    this.status.setAttribute('role', 'status')
    this.tools.append(...Object.values(this.buttons), this.status)
    if (element.dataset.exercise) this.exercise()
    this.show('run', 'edit')
    const kept = draft.get(element.dataset)
    if (kept !== undefined && kept !== this.stored) {
      this.open(kept)
      this.price()
    }
  }

  button(text, act) {
    const b = this.element.ownerDocument.createElement('button')
    b.type = 'button'
    b.textContent = text
    b.addEventListener('click', act)
    return b
  }

  show(...names) {
    for (const name in this.buttons) this.buttons[name].hidden = !names.includes(name)
  }

  // idle shows what can be done with a cell that does not run.
  idle() {
    this.show('run', ...(this.editor ? ['reset'] : ['edit']))
    this.element.removeAttribute('data-busy')
  }

  get text() { return this.editor ? this.editor.value : this.stored }

  // edit opens the editor for somebody who wants to type.
  edit() {
    this.open(this.stored)
    this.source.closest('details')?.setAttribute('open', '')
    this.editor.focus()
    this.editor.setSelectionRange(0, 0) // the page stays where it is, also for a long cell
    this.chapter.warm().catch(() => {}) // what is wrong is said when the cell runs
  }

  // open puts a text field with a text in the place of the source, and the page's editor in the place of that, when it has come.
  open(text) {
    const e = this.editor = this.element.ownerDocument.createElement('textarea')
    Object.assign(e, { value: text, spellcheck: false, autocapitalize: 'off', autocomplete: 'off', className: 'source' })
    e.setAttribute('aria-label', words.label(this.number))
    const fit = () => { e.rows = e.value.split('\n').length + 1 }
    e.addEventListener('input', () => {
      fit()
      this.changed()
    })
    e.addEventListener('keydown', event => {
      if (event.key === 'Enter' && (event.shiftKey || event.ctrlKey || event.metaKey)) {
        event.preventDefault()
        this.run()
      } else if (event.key === 'Tab' && !event.shiftKey && !this.leaving) {
        event.preventDefault()
        e.setRangeText('\t', e.selectionStart, e.selectionEnd, 'end')
        e.dispatchEvent(new Event('input'))
      }
      this.leaving = event.key === 'Escape' // then Tab leaves the editor, as for everybody who has no mouse
    })
    for (const type of ['compositionstart', 'compositionend']) e.addEventListener(type, () => { this.composing = type === 'compositionstart' })
    fit()
    this.source.after(e)
    this.source.style.display = 'none'
    this.idle()
    this.rich?.().then(({ create }) => this.enrich(e, create), () => {}) // without a connection the text field stays
  }

  // enrich replaces the text field with an editor. What was typed meanwhile, the selection and the focus stay.
  async enrich(field, create) {
    if (this.composing) await new Promise(resolve => { field.addEventListener('compositionend', () => setTimeout(resolve), { once: true }) })
    if (this.editor !== field) return // it was reset
    const { document } = globalThis, focused = document.activeElement === field
    const place = Object.assign(document.createElement('div'), { className: 'editor' })
    field.before(place)
    const editor = create(place, { text: field.value, selection: [field.selectionStart, field.selectionEnd], label: words.label(this.number),
      changed: () => this.changed(), run: () => this.run() })
    this.editor = Object.assign(editor, { place })
    if (focused) editor.focus()
    field.remove()
    this.mark()
  }

  // changed keeps what was typed.
  changed() {
    const { text } = this
    const kept = draft.set(this.element.dataset, text === this.stored ? undefined : text)
    this.price().then(() => { if (!kept) this.say(words.lost) })
  }

  // mark shows what is wrong at the lines of the editor, from the lines that the rules for cells have written: "cell [3], line 2: …".
  mark(lines = this.wrong ?? []) {
    this.wrong = lines
    const places = lines.map(line => /^\D*\[(\d+)\]\D+(\d+): (.*)$/s.exec(line)).filter(found => Number(found?.[1]) === this.number)
    this.editor?.mark?.(places.map(([, , line, text]) => ({ line: Number(line), text })))
  }

  reset() {
    draft.set(this.element.dataset)
    this.editor?.remove()
    this.editor?.place?.remove()
    this.editor = undefined
    this.wrong = undefined
    this.source.style.display = ''
    this.buttons.run.textContent = words.run
    this.idle()
  }

  // price lets the button say what the first change costs.
  async price() {
    const changed = this.text !== this.stored
    const size = changed ? await this.chapter.cost().catch(() => 0) : 0
    this.buttons.run.textContent = size ? words.compile(size) : words.run
    this.say(size && matchMedia('(max-width: 40rem)').matches ? words.small : '')
  }

  say(text) { this.status.textContent = text }

  run() {
    if (this.element.hasAttribute('data-busy')) return this.done
    this.element.setAttribute('data-busy', '')
    this.element.dispatchEvent(new CustomEvent('descent:run', { bubbles: true }))
    this.show('stop')
    this.say(words.waiting)
    const run = this.current = { number: this.number, text: this.text }
    run.stopped = new Promise(resolve => { run.stop = () => { run.cancelled = true; resolve({ stopped: true }) } })
    return this.done = this.queue(() => this.execute(run))
  }

  stop() {
    this.current.stop()
    this.current.runs ? this.chapter.stop() : this.chapter.doubt()
  }

  // execute runs the cell and resolves to what became of it: {status, stopped, refused, failed, compiled, ms}.
  async execute(run) {
    const begun = performance.now(), output = new Output(this.outputs)
    let result
    try {
      this.say(words.opening)
      result = run.cancelled ? { stopped: true } : await Promise.race([this.perform(run, output), run.stopped])
    } catch (e) {
      output.fail([e.message])
      result = { failed: e.message }
    }
    if (result.stopped) output.note(words.stopped)
    this.mark([result.refused ?? []].flat())
    output.finish()
    this.say('status' in result ? words.took((performance.now() - begun) / 1000) : '')
    this.idle()
    this.price()
    this.element.dispatchEvent(new CustomEvent('descent:ran', { bubbles: true, detail: result }))
    return result
  }

  // perform compiles the cell if it must, and runs it. What comes after a stop is of no use to anybody.
  async perform(run, output) {
    const { chapter } = this, { number, text } = run
    let module, argv = [], built
    if (text !== this.stored || chapter.edited) {
      chapter.edited = true
      const plan = await chapter.ask('prepare', { number, text })
      for (const note of plan.notes ?? []) output.print(1, note + '\n')
      if (plan.refused) {
        output.fail(plan.refused)
        return { refused: plan.refused }
      }
      if (!plan.stored) {
        this.say(words.compiling)
        const report = (so, all) => { if (!run.cancelled) this.say(so < all ? words.fetching(so, all) : words.compiling) }
        built = await chapter.build(number, text, plan, report, () => output.note(words.unkept))
        if (run.cancelled) return undefined
        if (!built.module) {
          output.fail(built.lines)
          return { refused: built.lines, compiled: built.ms }
        }
        module = plan.runs && built.module
        argv = plan.args ?? []
      }
    }
    module ??= await chapter.program(number)
    if (run.cancelled) return undefined
    if (!module) {
      output.note(words.declares)
      return { status: 0, compiled: built?.ms }
    }
    return { compiled: built?.ms, ...await this.start(run, module, argv, output) }
  }

  // start runs a program to its end.
  async start(run, module, argv, output) {
    this.say(words.running)
    const begun = performance.now()
    const quiet = setInterval(() => { if (performance.now() - (output.last ?? begun) > QUIET) this.say(words.quiet) }, 1000)
    run.runs = true
    try {
      const ended = await this.chapter.run(module, run.number, argv, {
        said: (fd, text) => output.print(fd, text), shown: data => output.show(data), cut: () => output.note(words.cut),
      })
      if (ended.status) output.fail(ended.lines)
      if (ended.full) output.note(words.full)
      this.learned(ended.learned ?? [])
      return ended
    } finally {
      run.runs = false
      clearInterval(quiet)
    }
  }

  // learned tells the page of an exercise that was right for the first time.
  learned(events) {
    const exercise = this.element.dataset.exercise
    if (events.some(e => e.state === 'right' && exercise?.split('.')[1] === e.exercise)) this.tell()
  }

  tell() {
    this.element.dispatchEvent(new CustomEvent('descent:exercise', { bubbles: true, detail: { exercise: this.element.dataset.exercise, right: true } }))
  }

  // exercise adds what keeps the progress outside of the browser, in the file that Jupyter has.
  exercise() {
    const document = this.element.ownerDocument
    const keep = this.button(words.keep, () => {
      const a = Object.assign(document.createElement('a'), {
        href: URL.createObjectURL(new Blob([progress.text()], { type: 'application/jsonl' })), download: 'descent-progress.jsonl',
      })
      a.click()
      URL.revokeObjectURL(a.href)
    })
    const file = Object.assign(document.createElement('input'), { type: 'file', accept: '.jsonl', hidden: true })
    file.addEventListener('change', async () => {
      try {
        this.say(words.brought(progress.add(await file.files[0].text()).length))
      } catch {
        this.say(words.full)
      }
    })
    const more = document.createElement('details')
    more.append(Object.assign(document.createElement('summary'), { textContent: words.progress }), keep, this.button(words.bring, () => file.click()), file)
    this.tools.append(more)
    if (progress.right(this.element.dataset.exercise.split('.')[1])) queueMicrotask(() => this.tell())
  }
}

// An Output is what one run of a cell says, in the place of what was there.
class Output {
  constructor(element) {
    this.element = element
    this.fresh = true
    this.elements = new Map() // that later data replace, by their id
    this.pending = ''
  }

  // begin clears what was there, only when the first output comes: until then the old one can be read.
  begin() {
    this.last = performance.now()
    if (!this.fresh) return
    this.fresh = false
    this.numbers = [...this.element.querySelectorAll('figcaption > a')].map(a => [a.closest('figure').id, a])
    this.element.style.minHeight = `${this.element.offsetHeight}px` // the page does not jump
    this.element.replaceChildren()
  }

  add(element) {
    this.begin()
    this.flush()
    this.element.append(element)
    return element
  }

  make(tag, className, properties = {}) { return Object.assign(this.element.ownerDocument.createElement(tag), { className, ...properties }) }

  // print adds text. It is collected until the browser paints, since a cell may print a line a microsecond.
  print(fd, text) {
    this.begin()
    if (this.fd !== fd) this.flush()
    this.fd = fd
    this.pending += text
    this.frame ??= setTimeout(() => this.flush(), 16)
  }

  flush() {
    clearTimeout(this.frame)
    this.frame = undefined
    if (!this.pending) return
    const name = this.fd === 2 ? 'stream stderr' : 'stream'
    let pre = this.element.lastElementChild
    if (pre?.className !== name || 'shown' in (pre.dataset ?? {})) this.element.append(pre = this.make('pre', name))
    pre.append(this.pending)
    this.pending = ''
  }

  // show adds data, or replaces the data with the same id.
  show({ content, metadata, id }) {
    this.begin()
    this.flush()
    const element = this.picture(content, metadata)
    if (!element) return
    ;(element.querySelector('.html') ?? element).dataset.shown = id
    const old = id && this.elements.get(id), number = element.className === 'figure' && (old?.number ?? this.numbers.shift())
    if (number) { // that of the stored figure in whose place it is
      Object.assign(element, { id: number[0], number })
      element.querySelector(':scope > figcaption').prepend(number[1], ' ')
    }
    if (old) old.replaceWith(element)
    else this.element.append(element)
    if (id) this.elements.set(id, element)
    for (const script of element.querySelectorAll('script')) { // one that is parsed does not run
      script.replaceWith(Object.assign(script.ownerDocument.createElement('script'), { textContent: script.textContent }))
    }
  }

  // picture chooses the richest form of the data that a page can show.
  picture(content, metadata) {
    const [mime, kind] = [['image/svg+xml', 'drawing'], ['image/gif', 'chart'], ['image/png', 'picture'], ['image/jpeg', 'picture']].find(([m]) => m in content) ?? []
    const html = 'text/html' in content && this.make('div', 'html', { innerHTML: content['text/html'] })
    if (html && !mime) return html
    if (mime) {
      const about = metadata[mime] ?? {}, caption = about.alt ?? content['text/plain'] ?? '', figure = this.make('figure', 'figure')
      if (html) figure.append(html)
      else figure.innerHTML = picture(kind, URL.createObjectURL(new Blob([content[mime]], { type: mime })), called(about.title), about)
      figure.append(this.make('figcaption', '', { textContent: caption }))
      return figure
    }
    if ('text/plain' in content) return this.make('pre', 'stream', { textContent: content['text/plain'] })
    return undefined
  }

  // fail says why a cell did not run, or how it ended: the first line is the message, those with an arrow explain.
  fail(lines) {
    const box = this.make('div', 'failure')
    box.setAttribute('role', 'alert')
    for (const line of lines) box.append(this.make('p', line.startsWith('→') ? 'why' : 'what', { textContent: line }))
    this.add(box)
  }

  note(text) { this.add(this.make('p', 'note', { textContent: text })) }

  finish() {
    this.begin()
    this.flush()
    this.element.style.minHeight = ''
  }
}

// style links the engine's own style.
export function style(document) {
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: new URL('engine.css', import.meta.url).href })
  document.head.append(link)
}
