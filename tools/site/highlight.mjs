// Colours for Go: the source as HTML, in which the text is the source to the letter.

const KEYWORDS = 'break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var'
const TYPES = 'any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr'
const VALUES = 'true false iota nil'

const words = list => list.replaceAll(' ', '|')
const TOKEN = new RegExp([
  String.raw`(?<c>//[^\n]*|/\*[\s\S]*?\*/)`,
  String.raw`(?<s>"(?:\\.|[^"\\\n])*"|${'`[^`]*`'}|'(?:\\.|[^'\\\n])+')`,
  String.raw`(?<n>\b(?:0[xX][\da-fA-F_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?)\b|\b(?:${words(VALUES)})\b)`,
  String.raw`(?<k>\b(?:${words(KEYWORDS)})\b|^[%!][^\n]*)`,
  String.raw`(?<t>\b(?:${words(TYPES)})\b)`,
  String.raw`(?<f>(?<=\bfunc )\w+)`,
].join('|'), 'gm')

export const escape = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

// go returns the HTML of Go code, with classes c, s, n, k, t, f for comment, string, number, keyword, type, function.
export function go(source) {
  let html = '', end = 0
  for (const found of source.matchAll(TOKEN)) {
    const [kind, text] = Object.entries(found.groups).find(([, v]) => v !== undefined)
    html += `${escape(source.slice(end, found.index))}<span class="${kind}">${escape(text)}</span>`
    end = found.index + found[0].length
  }
  return html + escape(source.slice(end))
}

export const code = (source, language) => /^go(lang)?$/.test(language) ? go(source) : escape(source)
