// Markdown of notebooks and documents as HTML. Formulas are rendered here, so that a page needs no script for them.
import MarkdownIt from 'markdown-it'
import katex from 'katex'
import { code, escape } from './highlight.mjs'

// What Markdown would damage, in the order in which Jupyter sees it: in code there is no formula.
const PIECES = new RegExp([
  String.raw`(?<code>^ *(?<fence>${'```'}|~~~)[\s\S]*?^ *\k<fence> *$|(?<ticks>${'`'}+)(?!${'`'})[\s\S]+?(?<!${'`'})\k<ticks>(?!${'`'}))`,
  String.raw`\$\$(?<display>[\s\S]+?)\$\$`,
  String.raw`(?<environment>\\begin\{(?<name>[a-z]+\*?)\}[\s\S]+?\\end\{\k<name>\})`,
  String.raw`(?<![\\$])\$(?<inline>[^\s$](?:(?:(?!\n\n)[^$])*[^\s$\\])?)\$(?!\d)`,
  String.raw`(?<dollar>\\\$)`,
  String.raw`(?<open><details[^>]*>\s*<summary>)|(?<summary></summary>)|(?<close></details>)`,
].join('|'), 'gm')
const KINDS = ['code', 'display', 'environment', 'inline', 'dollar', 'open', 'summary', 'close']
const FORMULAS = ['display', 'environment', 'inline']
const FOLDS = ['open', 'summary', 'close']
const STASHED = /xSTASHx(\d+)x/g // nothing that Markdown or an address changes

const markdown = new MarkdownIt({
  html: true,
  highlight: (source, language) => `<pre class="listing" tabindex="0"><code>${code(source.replace(/\n$/, ''), language)}</code></pre>`,
})
markdown.renderer.rules.table_open = () => '<div class="table" tabindex="0"><table>\n'
markdown.renderer.rules.table_close = () => '</table></div>\n'

// withoutFormulas leaves of each rendered formula its TeX.
export function withoutFormulas(html) {
  const formula = '<span class="katex">'
  for (let at = html.indexOf(formula); at >= 0; at = html.indexOf(formula, at)) {
    let depth = 0, end = at
    for (const tag of html.slice(at).matchAll(/<(\/?)span\b[^>]*>/g)) {
      depth += tag[1] ? -1 : 1
      end = at + tag.index + tag[0].length
      if (depth === 0) break
    }
    const tex = /<annotation[^>]*>([\s\S]*?)<\/annotation>/.exec(html.slice(at, end))?.[1] ?? ''
    html = html.slice(0, at) + tex.replace(/\\[a-z]+|[{}$&\\]/gi, ' ') + html.slice(end)
  }
  return html
}

// plain returns what a reader sees of the markup.
export function plain(html) {
  const text = withoutFormulas(html).replace(/<[^>]+>/g, '').replace('&ZeroWidthSpace;', '')
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&').replace(/\s+/g, ' ').trim()
}

function formula(tex, kind, where) {
  try {
    return katex.renderToString(tex, { displayMode: kind !== 'inline', strict: 'ignore', output: 'htmlAndMathml' })
  } catch (e) {
    throw new Error(`${where}: the formula '${tex}' cannot be shown: ${e.message}`)
  }
}

// Anchors as Jupyter and GitHub make them, so that links lead to the same place everywhere; but without a per cent
// sign, which VitePress's list of contents does not escape.
export const anchors = {
  notebook: title => title.replaceAll('%', '').replaceAll(' ', '-'),
  document: title => title.toLowerCase().replace(/[^\p{L}\p{N}_\- ]/gu, '').replaceAll(' ', '-'),
}

// render returns the HTML of Markdown text; anchor makes the id of a heading from its title, where names the text in errors.
export function render(text, anchor, where) {
  const kept = [] // [kind, text]
  const hidden = text.replace(PIECES, (...found) => {
    const groups = found.at(-1), kind = KINDS.find(k => groups[k] !== undefined)
    if (kind === 'code') return groups.code
    const mark = `xSTASHx${kept.push([kind, groups[kind]]) - 1}x`
    return { open: `\n\n${mark}`, summary: `${mark}\n\n`, close: `\n\n${mark}\n\n` }[kind] ?? mark
  })
  let html = markdown.render(hidden)
  html = html.replace(/(?:<p>)?xSTASHx(\d+)x(?:<\/p>)?/g, (all, i) => FOLDS.includes(kept[i][0]) ? `xSTASHx${i}x` : all) // they are no paragraphs
  const written = s => s.replace(STASHED, (_, i) => `$${kept[i][1]}$`)
  html = html.replace(/<h([1-6])>([\s\S]*?)<\/h\1>/g, (_, level, title) => {
    const id = anchor(plain(written(title)))
    return `<h${level} id="${escape(id)}" tabindex="-1">${title} <a class="header-anchor" href="#${encodeURIComponent(id)}" aria-label="Link to ${escape(plain(written(title)))}">&ZeroWidthSpace;</a></h${level}>`
  })
  html = html.replace(/(?:id|href|aria-label)="[^"]*"/g, a => a.replace(STASHED, (_, i) => escape(`$${kept[i][1]}$`)))
  return html.replace(STASHED, (_, i) => {
    const [kind, piece] = kept[i]
    if (FORMULAS.includes(kind)) return formula(piece, kind, where)
    return kind === 'dollar' ? '$' : piece
  })
}
