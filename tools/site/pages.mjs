// The pages of the site: notebooks with the outputs that they hold, and the documents for learners.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import * as glossary from './glossary.mjs'
import { code, escape } from './highlight.mjs'
import { anchors, plain, render } from './markdown.mjs'
import { called, picture } from './picture.js' // of the engine, which shows fresh ones alike
import { drawing, isChart, Pictures } from './pictures.mjs'

const DOCUMENTS = ['glossary', 'sections', 'conventions', 'compare'] // in docs/, for those who learn
const PLAYGROUND = 'course/playground/page/playground.html'

const FRESH = 'What this cell prints differs from run to run, and from machine to machine.'

const text = lines => Array.isArray(lines) ? lines.join('') : lines ?? ''
const withoutColours = s => s.replace(/\x1b\[[0-9;]*m/g, '')

// stream is printed text. Only lines without columns may be broken.
function stream(printed) {
  const shown = withoutColours(printed)
  return `<pre class="stream${/\S {2,}\S/.test(shown) ? '' : ' prose'}" tabindex="0">${escape(shown)}</pre>`
}

// patience tells the reader how long a cell takes in the page, where that is LONG.
const LONG = 20
const patience = seconds => `In a page this takes about ${seconds < 90 ? `${Math.round(seconds / 10) * 10} seconds` : `${Math.round(seconds / 60)} minutes`}, on a phone more; in Jupyter far less.`

class Chapter {
  figures = 0
  cells = 0
  exercises = 0

  constructor(path, pictures, notHere, takes) {
    this.path = path
    this.pictures = pictures
    this.notebook = basename(path, '.ipynb')
    this.notHere = notHere[this.notebook] ?? {}
    this.takes = takes[this.notebook] ?? {}
  }

  page() {
    const { cells } = JSON.parse(readFileSync(this.path, 'utf8'))
    const first = text(cells[0].source)
    this.title = /^# (.*)$/m.exec(first)?.[1] ?? this.notebook
    this.number = /^(\d\w*) · /.exec(this.title)?.[1] ?? '0'
    const minutes = Number(/about (\d+) minutes/i.exec(first)?.[1] ?? 0)
    const body = cells.map(c => c.cell_type === 'code' ? this.code(c) : this.markdown(c)).join('\n')
    const facts = [minutes && `${minutes} minutes`, this.cells && `${this.cells} cells of code`, this.figures && `${this.figures} figures`,
      this.exercises && `${this.exercises} exercises`].filter(Boolean)
    return {
      source: this.path, name: this.notebook, title: this.title, number: this.number, minutes, exercises: this.exercises, chapter: true,
      body: body.replace('</h1>', `</h1>\n<p class="facts">${facts.join(' · ')}</p>`),
    }
  }

  markdown(cell) {
    // The theme links to the chapters before and after.
    const source = text(cell.source).replace(/^\[[^\]\n]*\]\([^)\n]*\.ipynb\)( · \[[^\]\n]*\]\([^)\n]*\.ipynb\))*$/gm, line => /\[←|→\]/.test(line) ? '' : line)
    return choices(render(source, anchors.notebook, `${this.notebook}, cell ${cell.id}`))
  }

  code(cell) {
    const source = text(cell.source), meta = cell.metadata ?? {}, exercise = meta.descent?.exercise
    const reason = this.notHere[this.cells + 1], seconds = this.takes[this.cells + 1]
    const fresh = meta.tags?.includes('nbval-ignore-output')
    if (exercise) this.exercises++
    const attributes = { class: exercise ? 'cell exercise' : 'cell', 'data-notebook': this.notebook, 'data-cell': cell.id, 'data-index': this.cells++,
      'data-exercise': exercise, 'data-fresh': fresh ? '' : undefined, 'data-not-here': reason }
    const listing = `<pre class="source" tabindex="0"><code>${code(source, 'go')}</code></pre>`
    const folded = meta.jupyter?.source_hidden ? `<details class="code"><summary>Code: ${escape(summary(source))}</summary>${listing}</details>` : listing
    const note = reason ? `This cell runs in Jupyter only: ${escape(reason)}. What it printed is below.` : fresh ? FRESH : undefined
    const outputs = (cell.outputs ?? []).map(o => this.output(o, source, cell.id)).join('')
    attributes.style = `--high: ${high(meta.jupyter?.source_hidden ? '' : source, outputs)}px`
    return `<div${Object.entries(attributes).filter(([, v]) => v !== undefined).map(([k, v]) => ` ${k}="${escape(String(v))}"`).join('')}>
<div class="tools"></div>${folded}${note ? `<p class="not-here">${note}</p>` : ''}${seconds >= LONG ? `<p class="takes">${patience(seconds)}</p>` : ''}
<div class="outputs">${outputs}</div></div>`
  }

  output(output, source, id) {
    if (output.output_type === 'stream') return stream(text(output.text).replace(/\n$/, ''))
    if (output.output_type === 'error') return stream(output.traceback.join('\n'))
    const { data } = output, said = text(data['text/plain'])
    const type = ['image/gif', 'image/png', 'image/jpeg'].find(t => data[t])
    const about = output.metadata?.[type] ?? {}, alt = about.alt ?? output.metadata?.alt ?? said
    if (data['text/html']) {
      const html = this.pictures.extract(text(data['text/html'])), still = data['image/png'] && Buffer.from(text(data['image/png']), 'base64')
      const body = `<div class="html${still && isChart(still) ? ' chart' : ''}">${html}</div>`
      return type ? this.figure(body, alt) : body
    }
    if (!type) return stream(said)
    if (!alt) throw new Error(`${this.notebook}, cell ${id}: a picture without a text alternative`)
    const bytes = Buffer.from(text(data[type]), 'base64')
    const svg = type === 'image/png' && drawing(bytes)
    const kind = svg ? 'drawing' : type === 'image/gif' || type === 'image/png' && isChart(bytes) ? 'chart' : 'picture'
    const src = svg ? this.pictures.add('image/svg+xml', svg) : this.pictures.add(type, bytes)
    return this.figure(picture(kind, src, called(about.title), about), alt)
  }

  figure(body, caption) {
    const n = ++this.figures
    return `<figure class="figure" id="figure-${n}">${body}<figcaption><a href="#figure-${n}">Figure ${this.number}.${n}</a> ${escape(caption)}</figcaption></figure>`
  }
}

// high is about how high a cell becomes, in pixels, so that a browser may lay it out when it comes into view.
function high(source, outputs) {
  const lines = text => text.split('\n').length * 21
  let sum = 30 + lines(source)
  for (const [, printed] of outputs.matchAll(/<pre[^>]*>([\s\S]*?)<\/pre>/g)) sum += 15 + lines(printed)
  for (const [, w, h] of outputs.matchAll(/<img class[^>]* width="(\d+)" height="(\d+)"/g)) sum += 70 + h * Math.min(1, 640 / w)
  return Math.round(sum)
}

// summary says what is in a folded cell.
function summary(source) {
  const names = [...source.matchAll(/^(?:func(?: \([^)]*\))?|type) (\w+)/gm)].map(m => m[1])
  if (/^import\b/m.test(source)) names.unshift('imports')
  if (!names.length) return /plots\./.test(source) ? 'draws the chart below' : 'a helper'
  return names.slice(0, 4).join(', ') + (names.length > 4 ? ` and ${names.length - 4} more` : '')
}

// choices marks the answers of a quiz, and solutions.
function choices(html) {
  return html.replace(/<details([^>]*)>(\s*<summary>\s*(?:<p>)?)([\s\S]*?)(<\/summary>\s*(?:<p>)?\s*)(\S+)/g, (all, attributes, open, title, close, word) => {
    const kind = /^[A-F]\. /.test(title) ? `choice ${/^Right/.test(word) ? 'right' : 'wrong'}` : /^Solution/.test(title) ? 'solution' : ''
    return kind ? `<details${attributes} class="${kind}">${open}${title}${close}${word}` : all
  })
}

// relink turns links to sources into links to pages. What the site does not have is no link there.
function relink(page, names) {
  return page.body.replace(/<a( [^>]*?)?\bhref="([^"]*)"([^>]*)>([\s\S]*?)<\/a>/g, (all, before, target, after, inside) => {
    if (/^([a-z][a-z0-9+.-]*:|glossary\.html#|#figure-)/.test(target)) return all
    const [path, anchor] = target.replaceAll('&amp;', '&').replace(/%25|%(?![\dA-F]{2})/gi, '').split(/#(.*)/s)
    if (!path) return `<a${before ?? ' '}href="${escape(`#${anchor}`)}"${after}>${inside}</a>`
    const name = names.get(resolve(dirname(page.source), decodeURI(path)))
    return name ? `<a${before ?? ' '}href="${escape(name + (anchor === undefined ? '' : `#${anchor}`))}"${after}>${inside}</a>` : inside
  })
}

// pages returns all pages of a checkout, in their order, and their pictures. By chapter and number, notHere says why cells cannot
// run in a page, as tools/page has it, and takes how many seconds those take there that take long, as report.mjs has it.
export function pages(root, notHere = {}, takes = {}) {
  const pictures = new Pictures(), rows = glossary.read(readFileSync(join(root, 'docs/glossary.md'), 'utf8'))
  const chapters = readdirSync(join(root, 'notebooks')).filter(f => f.endsWith('.ipynb')).sort().map(f => new Chapter(join(root, 'notebooks', f), pictures, notHere, takes).page())
  const documents = DOCUMENTS.map(name => join(root, 'docs', `${name}.md`)).filter(existsSync).map(source => {
    const body = render(readFileSync(source, 'utf8'), anchors.document, source), name = basename(source, '.md')
    return { source, name, title: plain(/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(body)?.[1] ?? name), body: name === 'glossary' ? glossary.withRows(body, rows) : body, chapter: false }
  })
  const all = [...chapters, ...documents]
  const names = new Map([...all.map(p => [resolve(p.source), `${p.name}.html`]), [resolve(root, PLAYGROUND), 'playground.html']])
  for (const page of all) {
    page.body = relink(page, names)
    if (page.chapter) page.body = glossary.mark(page.body, rows)
    page.math = page.body.includes('class="katex')
    page.description = plain(/<p>(?!<strong>)([\s\S]*?)<\/p>/.exec(page.body.split('</h1>')[1] ?? '')?.[1] ?? '').slice(0, 200)
  }
  return { all, pictures, rows }
}

// searched returns what the search reads of a page: headings and words, and not code.
export function searched(page, rows) {
  if (page.name === 'glossary') {
    return rows.reduce((html, r) => `${html}<h2>${escape(r.english)} ${r.chinese}<a href="#${r.id}">#</a></h2><p>${escape(r.meaning)}</p>`, `<h1>Glossary<a href="#glossary">#</a></h1>`)
  }
  return page.body.replace(/<pre[\s\S]*?<\/pre>|<details class="code">[\s\S]*?<\/details>|<p class="(?:facts|not-here)">[\s\S]*?<\/p>/g, ' ')
}
