// The words of docs/glossary.md: where a chapter uses one first, the word explains itself.
import { anchors, plain, render } from './markdown.mjs'
import { escape } from './highlight.mjs'

const ROW = /^\| (.+?) \| (.+?) \| (.+?) \| .*? \|$/gm

// read returns the rows as {id, words, chinese, meaning}.
export function read(markdown) {
  return [...markdown.matchAll(ROW)].filter(([, english]) => english !== 'English').map(([, english, chinese, meaning]) => ({
    id: anchors.document(english), english, chinese, meaning: plain(render(meaning, anchors.document, 'glossary')),
    // "bias (of data)" would explain every bias.
    words: english.includes('(') ? [] : phrases(english),
  }))
}

// "L1, L2 regularization" is two words; "vanishing, exploding gradient", too.
function phrases(english) {
  const parts = english.split(', '), last = parts.at(-1).split(' ')
  if (parts.length > 1 && last.length > 1) return parts.map((p, i) => i < parts.length - 1 && !p.includes(' ') ? `${p} ${last.slice(1).join(' ')}` : p)
  return parts
}

// withRows gives each row of the glossary's table an id, to which links lead, and says which words are Chinese.
export function withRows(html, rows) {
  return rows.reduce((page, r) => page.replace(`<tr>\n<td>${escape(r.english)}</td>\n<td>`, `<tr id="${r.id}">\n<td>${escape(r.english)}</td>\n<td lang="zh">`), html)
}

// Inside of these a word is not marked.
const CLOSED = /^(a|pre|code|h[1-6]|summary|button|svg|math|figcaption|th)$/
// A map is not mAP.
const SHORT = /^(map|auc|irls)$/i
const VOID = /^(img|br|hr|input|source|meta|link|wbr)$/

// mark marks the first use of each word in paragraphs and lists.
export function mark(html, rows) {
  const left = new Map(rows.flatMap(r => r.words.map(w => [w.toLowerCase(), r])))
  const inside = []
  return html.split(/(<[^>]+>)/).map(part => {
    const tag = /^<(\/?)([a-z][a-z0-9]*)\b([^>]*)/.exec(part)
    if (tag) {
      const [, end, name, attributes] = tag
      if (end) inside.length = Math.max(0, inside.findLastIndex(i => i.name === name))
      else if (!VOID.test(name)) inside.push({ name, closed: CLOSED.test(name) || /class="(katex|cell|outputs)/.test(attributes), text: name === 'p' || name === 'li' })
      return part
    }
    if (left.size === 0 || !part.trim() || inside.some(i => i.closed) || !inside.some(i => i.text)) return part
    const words = [...left.keys()].sort((a, b) => b.length - a.length).map(w => w.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return part.replace(new RegExp(`(?<![\\p{L}\\p{N}-])(${words.join('|')})(s|es)?(?![\\p{L}\\p{N}-])`, 'giu'), (all, word) => {
      const row = left.get(word.toLowerCase())
      if (!row || SHORT.test(word) && !row.words.includes(word)) return all
      for (const w of row.words) left.delete(w.toLowerCase())
      return `<a class="term" target="_self" href="glossary.html#${row.id}" data-says="${escape(`${row.meaning} · ${row.chinese}`)}">${all}</a>`
    })
  }).join('')
}
